import type { AfterPicture, Preview, Trial } from '../../../../../workers/protocol.ts';
import { formatError, formatLatency, significant } from '../../../format/format.ts';
import { enWeights as t } from '../../../strings/en-weights.ts';
import { Term } from '../result/term.tsx';
import { outputErrorOf } from './output-error.ts';
import styles from './weights-tab.module.css';

interface NumbersProps {
  readonly preview: Preview;
  readonly after: AfterPicture;
  /** The trial that the bench has led to. */
  readonly trial: Trial | undefined;
}

/** How far the weight is from before; and what that does to the layer's output, once that was measured. */
export function Numbers({ preview, after, trial }: NumbersProps) {
  const output = outputErrorOf(trial, preview.layer);
  const facts = [
    [t.weightError, formatError(after.relativeError), t.weightErrorHelp],
    ...(output === undefined ? [] : [[t.outputError, formatError(output), t.outputErrorHelp]]),
    [t.sqnr, Number.isFinite(after.sqnr) ? `${significant(after.sqnr)} dB` : '∞', t.sqnrHelp],
    [t.zeros, share(after.zeros / (preview.rows * preview.columns)), t.zerosHelp],
    [t.time, formatLatency(preview.milliseconds), t.timeHelp],
  ];
  return (
    <dl className={styles.numbers}>
      {facts.map(([name, value, help]) => (
        <div key={name}>
          <dt>
            <Term definition={help}>{name}</Term>
          </dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function share(part: number): string {
  return `${(100 * part).toFixed(1)} %`;
}
