import { useCallback } from 'react';
import { Canvas } from '../../../../charts/canvas.tsx';
import { niceTicks } from '../../../../charts/nice-ticks.ts';
import { enInputs as t } from '../../../../strings/en-inputs.ts';
import { usePalette } from '../palette.ts';
import type { Plot } from '../plot.ts';
import { channelOrder, decades, OUTLIER, type Outliers } from './outliers.ts';
import styles from './inputs.module.css';

const [LEFT, AXIS, TOP] = [48, 20, 16];
/** So many channels that stand out are named. */
const NAMED = 4;

interface OutliersPlotProps {
  readonly before: Outliers;
  readonly after: Outliers | undefined;
  readonly bySize: boolean;
  readonly label: string;
}

/** One bar for each channel on a log axis: what folding left filled, before as an outline. */
export function OutliersPlot({ before, after, bySize, label }: OutliersPlotProps) {
  const palette = usePalette();
  const paint = useCallback(
    (context: CanvasRenderingContext2D, width: number, height: number) => {
      context.font = palette.font;
      const plot = { context, palette, width, height };
      const scene = sceneOf(
        plot,
        [before, ...(after ? [after] : [])],
        channelOrder(before, bySize),
      );
      paintAxis(plot, scene);
      if (after) paintFilled(plot, scene, after);
      paintSteps(plot, scene, before);
      paintLimit(plot, scene, before);
      paintNames(plot, scene, before);
    },
    [palette, before, after, bySize],
  );
  return <Canvas label={label} className={styles.outliers} paint={paint} />;
}

interface Scene {
  readonly order: readonly number[];
  readonly x: (place: number) => number;
  readonly y: (value: number) => number;
  readonly range: readonly [number, number];
  readonly base: number;
}

function sceneOf(
  { width, height }: Plot,
  all: readonly Outliers[],
  order: readonly number[],
): Scene {
  const range = decades(all);
  const base = height - AXIS;
  return {
    ...{ order, range, base },
    x: (place) => LEFT + (place / Math.max(1, order.length)) * (width - LEFT),
    y: (value) => {
      const up = value > 0 ? (Math.log10(value) - range[0]) / (range[1] - range[0]) : 0;
      return base - Math.min(1, Math.max(0, up)) * (base - TOP);
    },
  };
}

function paintAxis(
  { context, palette, width, height }: Plot,
  { y, range, base, order }: Scene,
): void {
  context.textAlign = 'right';
  for (const value of valuesBetween(range)) {
    context.fillStyle = palette.line;
    context.fillRect(LEFT, Math.round(y(value)), width - LEFT, 1);
    context.fillStyle = palette.text3;
    context.fillText(String(value), LEFT - 6, y(value) + 4);
  }
  context.fillStyle = palette.line;
  context.fillRect(LEFT, base, width - LEFT, 1);
  context.fillStyle = palette.text3;
  context.textAlign = 'left';
  context.fillText(`${t.channel} 0`, LEFT, height - 5);
  context.textAlign = 'right';
  context.fillText(String(order.length - 1), width, height - 5);
}

/** Powers of ten over decades, round numbers within one. */
function valuesBetween([low, high]: readonly [number, number]): readonly number[] {
  const [from, to] = [10 ** low, 10 ** high];
  const powers = Array.from({ length: Math.ceil(high - low) + 1 }, (_, i) =>
    Number((10 ** (Math.floor(low) + i)).toPrecision(1)),
  );
  const values = high - low > 1.6 ? powers : niceTicks(from, to, 4);
  return values.filter((value) => value >= from && value <= to);
}

function paintFilled(
  { context, palette }: Plot,
  { order, x, y, base }: Scene,
  after: Outliers,
): void {
  context.fillStyle = palette.accent;
  order.forEach((channel, place) => {
    const top = y(after.values[channel]);
    const wide = x(place + 1) - x(place);
    context.fillRect(x(place), top, Math.max(1, wide > 4 ? wide - 1 : wide), base - top);
  });
}

function paintSteps({ context, palette }: Plot, { order, x, y }: Scene, before: Outliers): void {
  context.beginPath();
  order.forEach((channel, place) => {
    const top = y(before.values[channel]);
    context.lineTo(x(place), top);
    context.lineTo(x(place + 1), top);
  });
  context.strokeStyle = palette.text;
  context.lineWidth = 1;
  context.stroke();
}

function paintLimit(
  { context, palette, width }: Plot,
  { y, range }: Scene,
  { median }: Outliers,
): void {
  const limit = OUTLIER * median;
  if (!(limit > 0) || Math.log10(limit) > range[1]) return;
  context.save();
  context.setLineDash([4, 3]);
  context.strokeStyle = palette.text3;
  context.beginPath();
  context.moveTo(LEFT, y(limit));
  context.lineTo(width, y(limit));
  context.stroke();
  context.restore();
  context.fillStyle = palette.text3;
  context.textAlign = 'right';
  context.fillText(t.limit(OUTLIER), width - 2, y(limit) - 4);
}

/** The largest of those that stand out, by their numbers. */
function paintNames(
  { context, palette, width }: Plot,
  { order, x, y }: Scene,
  before: Outliers,
): void {
  const largest = before.beyond.toSorted((a, b) => before.values[b] - before.values[a]);
  context.fillStyle = palette.text;
  context.textAlign = 'center';
  for (const channel of largest.slice(0, NAMED)) {
    const at = x(order.indexOf(channel) + 0.5);
    const text = String(channel);
    const half = context.measureText(text).width / 2;
    context.fillText(text, Math.min(width - half, at), y(before.values[channel]) - 4);
  }
}
