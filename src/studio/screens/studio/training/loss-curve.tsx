import { useSize } from '../../../charts/use-size.ts';
import type { HeldOutPoint } from '../../../state/training-log.ts';
import { en } from '../../../strings/en.ts';
import { frameOf, thinned, type Curves, type Frame } from './curve-frame.ts';
import styles from './training.module.css';

interface LossCurveProps extends Curves {
  /** Step whose weights are the result, once that is known. */
  readonly kept?: number;
}

interface BothProps extends LossCurveProps {
  /** A student's distance to its teacher is no loss on labels: it has an axis of its own. */
  readonly labelsOnly: boolean;
}

/** Training loss as a thin line, held-out loss as points with their error; apart when they are of two kinds. */
export function LossCurve({ curve, validation, steps, kept, labelsOnly }: BothProps) {
  return (
    <figure
      className={styles.curve}
      role="img"
      aria-label={en.training.curve(curve.length, steps)}
      data-points={curve.length}
    >
      {labelsOnly ? (
        <Plot curve={curve} validation={validation} steps={steps} kept={kept} />
      ) : (
        <>
          <Plot curve={[]} validation={validation} steps={steps} kept={kept} />
          <Plot curve={curve} validation={[]} steps={steps} />
        </>
      )}
      <figcaption aria-hidden>
        <span data-series="loss">{en.training.loss}</span>
        <span data-series="held-out">{en.training.heldOut}</span>
      </figcaption>
    </figure>
  );
}

function Plot({ kept, ...curves }: LossCurveProps) {
  const [observe, size] = useSize();
  const frame = size && frameOf(curves, size.width, size.height);
  return (
    <div className={styles.plot} ref={observe}>
      {frame && size && (
        <svg width={size.width} height={size.height} aria-hidden>
          <Axes frame={frame} />
          <path className={styles.loss} d={lineOf(curves, frame)} />
          {curves.validation.map((point) => (
            <HeldOut key={point[0]} point={point} frame={frame} kept={point[0] === kept} />
          ))}
        </svg>
      )}
    </div>
  );
}

function lineOf({ curve }: Curves, { x, y }: Frame): string {
  const points = thinned(curve).map(
    ([step, loss]) => `${x(step).toFixed(1)},${y(loss).toFixed(1)}`,
  );
  return points.length === 0 ? '' : `M${points.join('L')}`;
}

function Axes({ frame }: { frame: Frame }) {
  const { x, y, left, right, bottom } = frame;
  return (
    <g className={styles.axes}>
      {frame.losses.map((loss) => (
        <g key={loss}>
          <line x1={left} x2={right} y1={y(loss)} y2={y(loss)} />
          <text x={left - 6} y={y(loss)} dy="0.32em" textAnchor="end">
            {loss}
          </text>
        </g>
      ))}
      {frame.steps.map((step) => (
        <text key={step} x={x(step)} y={bottom + 14} textAnchor="middle">
          {step}
        </text>
      ))}
    </g>
  );
}

interface HeldOutProps {
  readonly point: HeldOutPoint;
  readonly frame: Frame;
  readonly kept: boolean;
}

function HeldOut({ point: [step, loss, error], frame: { x, y }, kept }: HeldOutProps) {
  return (
    <g className={styles.heldOut} data-kept={kept || undefined}>
      <line x1={x(step)} x2={x(step)} y1={y(loss - error)} y2={y(loss + error)} />
      <circle cx={x(step)} cy={y(loss)} r={kept ? 4.5 : 3} />
    </g>
  );
}
