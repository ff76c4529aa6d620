import { useCallback } from 'react';
import type { Preview } from '../../../../../workers/protocol.ts';
import { Canvas } from '../../../charts/canvas.tsx';
import { plotColor } from '../../../charts/plot-colors.ts';
import { en } from '../../../strings/en.ts';
import styles from './weights-tab.module.css';

interface HistogramProps {
  readonly preview: Preview;
  readonly after: boolean;
}

const AXIS = 22;
const GRID = 10;

/** Before as an outline, after filled; heights are √count so that rare values stay visible. */
export function Histogram({ preview, after }: HistogramProps) {
  const paint = useCallback(
    (context: CanvasRenderingContext2D, width: number, height: number) =>
      paintHistogram(context, preview, after, width, height),
    [preview, after],
  );
  return (
    <figure className={styles.figure}>
      <figcaption>
        <span>{en.weights.histogram}</span>
        <span className={styles.key}>
          <i className={styles.outlineKey} /> {en.weights.before}
          {after && (
            <>
              <i className={styles.fillKey} /> {en.weights.after}
            </>
          )}
          {after && preview.grid !== undefined && (
            <>
              <i className={styles.tickKey} /> {en.weights.grid(preview.grid.length)}
            </>
          )}
        </span>
      </figcaption>
      <Canvas label={en.weights.histogram} className={styles.histogram} paint={paint} />
    </figure>
  );
}

function paintHistogram(
  context: CanvasRenderingContext2D,
  preview: Preview,
  after: boolean,
  width: number,
  height: number,
): void {
  const color = (name: Parameters<typeof plotColor>[1]): string =>
    plotColor(context.canvas.parentElement ?? document.body, name);
  const base = height - AXIS - GRID;
  const before = preview.before.histogram;
  const bars = after ? preview.after.histogram : undefined;
  const top = Math.sqrt(Math.max(...before, ...(bars ?? [])));
  const y = (count: number): number => base - (Math.sqrt(count) / (top || 1)) * (base - 4);
  if (bars !== undefined) {
    context.fillStyle = color('--accent');
    const step = width / bars.length;
    bars.forEach((count, bin) => {
      if (count > 0)
        context.fillRect(bin * step, y(count), Math.max(1, step - 0.5), base - y(count));
    });
  }
  outline(context, before, y, width, color('--text'));
  const x = (value: number): number =>
    ((value - preview.minimum) / (preview.maximum - preview.minimum || 1)) * width;
  if (after && preview.grid !== undefined) ticks(context, preview.grid, x, base, color('--text-2'));
  axis(context, preview, x, width, height, color);
}

function outline(
  context: CanvasRenderingContext2D,
  counts: Float64Array,
  y: (count: number) => number,
  width: number,
  color: string,
): void {
  const step = width / counts.length;
  context.beginPath();
  context.moveTo(0, y(0));
  counts.forEach((count, bin) => {
    context.lineTo(bin * step, y(count));
    context.lineTo((bin + 1) * step, y(count));
  });
  context.lineTo(width, y(0));
  context.strokeStyle = color;
  context.lineWidth = 1;
  context.stroke();
}

function ticks(
  context: CanvasRenderingContext2D,
  grid: Float32Array,
  x: (value: number) => number,
  base: number,
  color: string,
): void {
  context.fillStyle = color;
  for (const value of grid) context.fillRect(Math.round(x(value)) - 0.5, base + 2, 1, GRID - 3);
}

function axis(
  context: CanvasRenderingContext2D,
  { minimum, maximum }: Preview,
  x: (value: number) => number,
  width: number,
  height: number,
  color: (name: Parameters<typeof plotColor>[1]) => string,
): void {
  const line = height - AXIS;
  context.fillStyle = color('--line');
  context.fillRect(0, line, width, 1);
  context.fillStyle = color('--text-3');
  context.font = '11px ui-sans-serif, system-ui, sans-serif';
  for (const value of [minimum, 0, maximum]) {
    const at = x(value);
    context.textAlign = value === minimum ? 'left' : value === maximum ? 'right' : 'center';
    context.fillText(value === 0 ? '0' : value.toPrecision(3).replace('-', '−'), at, height - 6);
  }
}
