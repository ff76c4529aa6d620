import { formatBytes } from '../../../format/format.ts';
import { size as t } from '../../../strings/en-size.ts';
import { Term } from '../result/term.tsx';
import { shareText } from './part-words.ts';
import { purposeTotals, type Purpose, type SizeGroup } from './size-groups.ts';
import styles from './size-tab.module.css';
import map from './treemap.module.css';

/** What the colours mean is what the bytes are for: with its totals the legend is the answer in short. */
export function Legend({ groups, whole }: { groups: readonly SizeGroup[]; whole: number }) {
  return (
    <ul className={styles.legend}>
      {purposeTotals(groups).map(({ purpose, before, after }) => (
        <li key={purpose}>
          <i className={map.key} data-purpose={purpose} aria-hidden />
          <span>
            <b>
              <Name purpose={purpose} grows={(after ?? before) - before} />
            </b>
            <span>
              {formatBytes(before)}
              {after !== undefined && formatBytes(after) !== formatBytes(before) && (
                <> → {formatBytes(after)}</>
              )}
              {' · '}
              {shareText(before, whole)}
            </span>
          </span>
        </li>
      ))}
    </ul>
  );
}

/** What no layer holds may grow under a recipe that saves: that asks for a reason. */
function Name({ purpose, grows }: { readonly purpose: Purpose; readonly grows: number }) {
  const name = t.groups[purpose];
  if (purpose !== 'rest' || grows <= 0) return name;
  return <Term definition={t.restGrows(formatBytes(grows))}>{name}</Term>;
}
