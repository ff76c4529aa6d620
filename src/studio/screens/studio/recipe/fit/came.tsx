import { useBenchTrial } from '../../../../state/bench.ts';
import { fit as t } from '../../../../strings/en-fit.ts';
import { formatError } from '../../../../format/format.ts';
import { pairsOf } from '../../result/decisions/pairs.ts';
import styles from './fit.module.css';

/** What was expected of the file that came, beside what was measured of it; once it ran. */
export function Came() {
  const report = useBenchTrial()?.report;
  const pairs = (report?.decisions ?? [])
    .flatMap(({ tables }) => tables)
    .flatMap((table) => (table.compares ? pairsOf(table, table.compares).pairs : []));
  const best = pairs.toSorted((a, b) => a.measured - b.measured).at(0);
  if (best === undefined) return null;
  return (
    <p className={styles.words}>{t.came(formatError(best.expected), formatError(best.measured))}</p>
  );
}
