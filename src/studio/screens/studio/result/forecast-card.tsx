import { stemOf } from '../../../../core/companions/parts.ts';
import type { Forecast, ModelView, Trial } from '../../../../../workers/protocol.ts';
import { formatBytes, significant } from '../../../format/format.ts';
import { withoutName } from '../../../format/without-name.ts';
import { en } from '../../../strings/en.ts';
import { Fact } from './fact.tsx';
import { Sizes } from './sizes.tsx';
import { Warnings } from './warnings.tsx';
import styles from './result-column.module.css';

interface ForecastCardProps {
  readonly view: ModelView;
  readonly forecast: Forecast;
  readonly trial: Trial | undefined;
}

/** Exact before anything runs; drawn with a dashed border, because it is no measurement. */
export function ForecastCard({ view, forecast }: ForecastCardProps) {
  return (
    <section className={styles.forecast} aria-label={en.result.forecast}>
      <h3>
        {en.result.forecast} <small>{forecast.atMost ? en.result.atMost : en.result.exact}</small>
      </h3>
      {view.parts.length > 1 && (
        <p className={styles.wait}>{en.parts.numbersOf(stemOf(view.part.path))}</p>
      )}
      <Sizes before={view.bytes} after={forecast.bytes} />
      <dl className={styles.facts}>
        <Fact name={en.result.bitsPerWeight}>{significant(forecast.bitsPerWeight)}</Fact>
        <Fact name={en.result.peak}>{formatBytes(forecast.peakMemory)}</Fact>
      </dl>
      <Warnings sentences={forecast.warnings} />
      <Skipped skipped={forecast.skipped} />
    </section>
  );
}

interface SkippedProps {
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
}

/** What was left alone, with the reason of each. */
export function Skipped({ skipped }: SkippedProps) {
  if (skipped.length === 0) return null;
  return (
    <details className={styles.skipped}>
      <summary>{en.result.skipped(skipped.length)}</summary>
      <ul>
        {skipped.map(({ name, reason }) => (
          <li key={`${name} ${reason}`}>
            <code>{name}</code> {withoutName(reason, name)}
          </li>
        ))}
      </ul>
    </details>
  );
}
