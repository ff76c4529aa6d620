import type { Interim, ModelView } from '../../../../../workers/protocol.ts';
import { qualityVerdict } from '../../../../core/report/verdict.ts';
import { resultText } from '../../../strings/en-result.ts';
import { Headline } from './headline.tsx';
import { Sizes } from './sizes.tsx';
import { Summary } from './summary.tsx';
import { measuredRows } from './summary-rows.ts';
import styles from './result-column.module.css';

interface RunningCardProps {
  readonly view: ModelView;
  readonly interim: Interim;
}

/** Between forecast and result: what the first documents say, wider than it will be. */
export function RunningCard({ view, interim }: RunningCardProps) {
  const { done, of, bytes } = interim;
  const quality = { ...qualityVerdict(interim), examples: done };
  return (
    <section className={styles.running} aria-label={resultText.measuring}>
      <progress
        className={styles.measured}
        max={of}
        value={done}
        aria-label={resultText.after(done, of)}
      />
      <Headline verdict={{ ...quality, size: view.bytes / bytes }} soFar />
      <h3>
        {resultText.measuring} <small>{resultText.after(done, of)}</small>
      </h3>
      <Sizes before={view.bytes} after={bytes} />
      <Summary rows={measuredRows(interim)} />
    </section>
  );
}
