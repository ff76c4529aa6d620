import type { Entry, Preview } from '../../../../../workers/protocol.ts';
import { enWeights as t } from '../../../strings/en-weights.ts';
import { indexIn } from './crop.ts';
import { changeText, numberText } from './number-text.ts';
import styles from './weights-tab.module.css';

interface ReadoutProps {
  readonly id: string;
  readonly preview: Preview;
  readonly entry: Entry;
  readonly hovered: Entry | undefined;
}

/** Row, column, value, rounded value and error of one weight: the one pointed at, else the picked one. */
export function Readout({ id, preview, entry, hovered }: ReadoutProps) {
  const shown = hovered ?? entry;
  const facts = factsOf(preview, shown);
  return (
    <>
      <dl className={styles.readout} aria-hidden>
        <div>
          <dt className={styles.where}>{t.place(shown.row, shown.column)}</dt>
        </div>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
        <div className={styles.help}>
          <dt>{t.pickHelp}</dt>
        </div>
      </dl>
      <p id={id} className="visually-hidden" aria-live="polite">
        {[
          t.place(entry.row, entry.column),
          ...factsOf(preview, entry).map((fact) => fact.join(' ')),
        ].join(', ')}
      </p>
    </>
  );
}

function factsOf({ crop, before, after }: Preview, entry: Entry): (readonly [string, string])[] {
  const at = indexIn(entry, crop);
  if (at === undefined) return [];
  const value = before.crop[at];
  const first = [[t.before, numberText(value)]] as const;
  if (after === undefined) return [...first];
  const rounded = after.crop[at];
  return [...first, [t.after, numberText(rounded)], [t.error, changeText(rounded - value)]];
}
