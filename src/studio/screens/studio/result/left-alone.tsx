import { leftBytes } from '../../../../core/report/coverage.ts';
import type { Coverage } from '../../../../core/report/types.ts';
import { formatBytes } from '../../../format/format.ts';
import { resultText } from '../../../strings/en-result.ts';
import { leftAlone } from './left-alone.ts';
import styles from './result-column.module.css';

/** What was left alone: one line per reason, the names folded. */
export function LeftAlone({ skipped }: { skipped: Coverage['skipped'] }) {
  if (skipped.length === 0) return null;
  const bytes = leftBytes({ skipped });
  return (
    <details className={styles.skipped}>
      <summary>
        {resultText.left(skipped.length, bytes === undefined ? undefined : formatBytes(bytes))}
      </summary>
      <ul>
        {leftAlone(skipped).map(({ reason, names }) => (
          <li key={reason}>
            {names.length === 1 ? (
              <>
                <code>{names[0]}</code> {reason}
              </>
            ) : (
              <details>
                <summary>{resultText.eachOf(names.length, reason)}</summary>
                <code>{names.join(', ')}</code>
              </details>
            )}
          </li>
        ))}
      </ul>
    </details>
  );
}
