import type { NoteTable } from '../../../../../core/methods/decision-note.ts';
import { bits as t } from '../../../../strings/en-bits.ts';
import { pairsOf } from './pairs.ts';
import styles from './decisions.module.css';

interface ComparisonProps {
  readonly table: NoteTable;
  readonly compares: NonNullable<NoteTable['compares']>;
}

/** Each row's prediction as a hollow bar, and what was measured as a solid one under it. */
export function Comparison({ table, compares }: ComparisonProps) {
  const { pairs, largest } = pairsOf(table, compares);
  if (pairs.length === 0) return null;
  return (
    <figure className={styles.comparison}>
      <figcaption>
        {t.comparison}
        <span>
          <i data-hollow /> {t.expected} <i /> {t.measured}
        </span>
      </figcaption>
      <ul>
        {pairs.map(({ name, expected, measured }, at) => (
          <li key={at} aria-label={t.pair(name, String(expected), String(measured))}>
            <i data-hollow style={{ width: `${(100 * expected) / largest}%` }} />
            <i style={{ width: `${(100 * measured) / largest}%` }} />
            <small aria-hidden>
              {expected} → {measured}
            </small>
          </li>
        ))}
      </ul>
    </figure>
  );
}
