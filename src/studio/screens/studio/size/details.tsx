import { formatBytes, formatExactBytes } from '../../../format/format.ts';
import { showTab } from '../../../state/view-store.ts';
import { size as t } from '../../../strings/en-size.ts';
import { en } from '../../../strings/en.ts';
import { Button } from '../../../ui/button.tsx';
import { afterText, partTitle, shapeText, shareText } from './part-words.ts';
import type { SizeGroup, SizePart } from './size-groups.ts';
import styles from './size-tab.module.css';

export interface Pointed {
  readonly part: SizePart;
  readonly group: SizeGroup;
}

interface DetailsProps {
  /** What is pointed at, else what is selected. */
  readonly pointed: Pointed | undefined;
  readonly whole: number;
  /** Size of the file after the recipe; absent while it is not known. */
  readonly forecast?: string;
}

/** One line of words under the map, always there: nothing jumps, nothing covers the map. */
export function Details({ pointed, whole, forecast }: DetailsProps) {
  return (
    <div className={styles.details}>
      <div>
        {pointed === undefined ? (
          <p>{t.hint}</p>
        ) : (
          <About {...pointed} whole={whole} forecast={forecast !== undefined} />
        )}
        <p className={styles.note}>{forecast === undefined ? t.legendBefore : t.legend}</p>
      </div>
      {pointed?.part.kind === 'layer' && (
        <span className={styles.ways}>
          <Button tone="quiet" onClick={() => showTab('layers')}>
            {t.toLayers}
          </Button>
          <Button tone="quiet" onClick={() => showTab('weights')}>
            {t.toWeights}
          </Button>
        </span>
      )}
    </div>
  );
}

interface AboutProps extends Pointed {
  readonly whole: number;
  readonly forecast: boolean;
}

function About({ part, group, whole, forecast }: AboutProps) {
  const { role, shape, dataType, before } = part;
  const after = afterText(part, group, forecast);
  const facts = [
    ...(role === undefined ? [] : [en.roles[role]]),
    ...(shape === undefined ? [] : [shapeText(shape)]),
    ...(dataType === undefined ? [] : [dataType]),
  ];
  return (
    <p>
      <code>{partTitle(part)}</code>
      {facts.length > 0 && <span>{facts.join(' · ')}</span>}
      <span title={formatExactBytes(before)}>
        <b>{formatBytes(before)}</b>, {t.of(shareText(before, whole))}
      </span>
      {after !== undefined && <span>{after}</span>}
    </p>
  );
}
