import { TriangleAlert } from 'lucide-react';
import { formatError } from '../../../format/format.ts';
import { withoutName } from '../../../format/without-name.ts';
import { layers as t } from '../../../strings/en-layers.ts';
import { join } from '../../../ui/button.tsx';
import { powerOfTen, type ErrorAxis } from './error-axis.ts';
import type { LayerRow } from './layer-rows.ts';
import styles from './errors.module.css';

interface ErrorMarkProps {
  readonly row: LayerRow;
  readonly axis: ErrorAxis | undefined;
  /** Errors of both kinds are in the table: those of weights are marked. */
  readonly mixed: boolean;
  /** The errors are another recipe's. */
  readonly foreign: boolean;
}

/** The method's error as a dot, its baseline's as a tick, on the one logarithmic axis of the table. */
export function ErrorMark({ row, axis, mixed, foreign }: ErrorMarkProps) {
  const { error, baselineError, errorKind, warnings } = row;
  if (error === undefined || axis === undefined) return <Reason row={row} />;
  const title = [
    `${errorKind === 'weight' ? t.weightError : t.outputError}: ${t.method} ${formatError(error)}`,
    ...(baselineError === undefined ? [] : [`${t.baseline} ${formatError(baselineError)}`]),
    ...warnings,
  ].join('\n');
  return (
    <span className={join(styles.errors, foreign && styles.foreign)} title={title}>
      <Plot error={error} baseline={baselineError} axis={axis} />
      <span className={styles.value}>
        {formatError(error)}
        {mixed && errorKind === 'weight' && <small> {t.weightMark}</small>}
        {warnings.length > 0 && <TriangleAlert size={12} aria-label={warnings.join(' ')} />}
      </span>
    </span>
  );
}

/** A layer without an error has room for the reason why. */
function Reason({ row: { name, reason, layer } }: Pick<ErrorMarkProps, 'row'>) {
  const said = reason ?? layer.stored?.text;
  if (said === undefined) return null;
  return (
    <span className={styles.reason} title={said}>
      {withoutName(said, name)}
    </span>
  );
}

interface PlotProps {
  readonly error: number;
  readonly baseline: number | undefined;
  readonly axis: ErrorAxis;
}

function Plot({ error, baseline, axis }: PlotProps) {
  const at = 100 * axis.place(error);
  const other = baseline === undefined ? at : 100 * axis.place(baseline);
  const worse = baseline !== undefined && error > baseline;
  return (
    <span className={styles.plot} style={gridOf(axis)} aria-hidden>
      <i
        className={join(styles.span, worse && styles.worse)}
        style={{ left: `${Math.min(at, other)}%`, width: `${Math.abs(at - other)}%` }}
      />
      {baseline !== undefined && <i className={styles.baseline} style={{ left: `${other}%` }} />}
      <i className={join(styles.dot, worse && styles.worse)} style={{ left: `${at}%` }} />
    </span>
  );
}

/** A hairline at every power of ten. */
function gridOf({ low, high }: ErrorAxis) {
  return { backgroundSize: `${100 / (high - low)}% 100%` };
}

/** Middle at its tick; close to the right end it ends there. */
function placeOfLabel(place: number) {
  return place > 0.85 ? { right: 0, translate: '0 0' } : { left: `${100 * place}%` };
}

/** Labels of the axis, once above all rows. */
export function AxisLabels({ axis }: { axis: ErrorAxis | undefined }) {
  if (axis === undefined) return null;
  return (
    <span className={styles.axis} aria-hidden>
      <span className={styles.labels}>
        {axis.ticks.map((exponent) => (
          <span key={exponent} style={placeOfLabel(axis.place(10 ** exponent))}>
            {powerOfTen(exponent)}
          </span>
        ))}
      </span>
    </span>
  );
}
