import { useCallback } from 'react';
import type { CoveredRange } from '../../../../../core/statistics/histogram/round-histogram.ts';
import type { InputProfile } from '../../../../../../workers/protocol.ts';
import { Canvas } from '../../../../charts/canvas.tsx';
import { niceTicks } from '../../../../charts/nice-ticks.ts';
import { enInputs as t } from '../../../../strings/en-inputs.ts';
import { usePalette } from '../palette.ts';
import type { Plot } from '../plot.ts';
import { Handle } from './handle.tsx';
import { barsOf } from './range-frame.ts';
import styles from './inputs.module.css';

const AXIS = 20;
/** Room beyond the numbers, of their span. */
const ROOM = 0.03;

interface RangePlotProps {
  readonly profile: InputProfile;
  readonly whole: CoveredRange;
  readonly range?: CoveredRange;
  readonly handles?: {
    readonly onMove: (range: CoveredRange) => void;
    readonly onDone: () => void;
  };
}

/** The histogram, what of it is covered, and a handle at each end of that. */
export function RangePlot({ profile, whole, range, handles }: RangePlotProps) {
  const palette = usePalette();
  const { automatic } = profile;
  const [from, to] = axisOf(whole);
  const paint = useCallback(
    (context: CanvasRenderingContext2D, width: number, height: number) => {
      context.font = palette.font;
      const plot = { context, palette, width, height };
      paintBars(plot, profile, [from, to], range);
      if (range && automatic) paintAutomatic(plot, [from, to], automatic);
    },
    [palette, profile, from, to, range, automatic],
  );
  const place = (value: number): number => (100 * (value - from)) / (to - from || 1);
  return (
    <div className={styles.range}>
      <Canvas label={t.picture} className={styles.picture} paint={paint} />
      {range && handles && (
        <>
          <Handle
            label={t.low}
            sign="α"
            value={range[0]}
            minimum={from}
            maximum={0}
            place={place(range[0])}
            span={to - from}
            onMove={(low) => handles.onMove([low, range[1]])}
            onDone={handles.onDone}
          />
          <Handle
            label={t.high}
            sign="β"
            value={range[1]}
            minimum={0}
            maximum={to}
            place={place(range[1])}
            span={to - from}
            onMove={(high) => handles.onMove([range[0], high])}
            onDone={handles.onDone}
          />
        </>
      )}
    </div>
  );
}

/** The numbers with some room; something to draw on where there are only zeros. */
function axisOf([low, high]: CoveredRange): CoveredRange {
  const span = high - low;
  return span > 0 ? [low - ROOM * span, high + ROOM * span] : [-1, 1];
}

function paintBars(
  { context, palette, width, height }: Plot,
  profile: InputProfile,
  [from, to]: CoveredRange,
  range: CoveredRange | undefined,
): void {
  const base = height - AXIS;
  const x = (value: number): number => ((value - from) / (to - from)) * width;
  const bars = barsOf(profile, [from, to], width);
  // Tails of a few numbers in a million decide ranges: they must be seen.
  const top = Math.log1p(Math.max(1, ...bars.map(({ count }) => count)));
  for (const { from: left, to: right, count } of bars) {
    if (count === 0) continue;
    const middle = (left + right) / 2;
    const covered = range === undefined || (middle >= range[0] && middle <= range[1]);
    context.fillStyle = covered ? palette.accent : palette.text3;
    context.globalAlpha = covered ? 1 : 0.5;
    const up = Math.max(1, (Math.log1p(count) / top) * (base - 22));
    // Whole pixels: edges between them would shimmer.
    const [at, end] = [Math.round(x(left)), Math.round(x(right))];
    context.fillRect(at, base - up, Math.max(1, end - at), up);
  }
  context.globalAlpha = 1;
  context.fillStyle = palette.line;
  context.fillRect(0, base, width, 1);
  context.fillStyle = palette.text3;
  context.textAlign = 'center';
  for (const tick of niceTicks(from, to, 6)) {
    if (tick > from && tick < to)
      context.fillText(String(tick).replace('-', '−'), x(tick), height - 5);
  }
}

/** Where calibration would put the ends, dashed. */
function paintAutomatic(
  { context, palette, width, height }: Plot,
  [from, to]: CoveredRange,
  automatic: CoveredRange,
): void {
  context.save();
  context.setLineDash([3, 3]);
  context.strokeStyle = palette.text2;
  context.beginPath();
  for (const value of automatic) {
    const x = Math.round(((value - from) / (to - from)) * width) + 0.5;
    context.moveTo(x, 20);
    context.lineTo(x, height - AXIS);
  }
  context.stroke();
  context.restore();
}
