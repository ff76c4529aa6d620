import type { Palette } from './palette.ts';

/** A canvas to draw a chart on, in CSS pixels. */
export interface Plot {
  readonly context: CanvasRenderingContext2D;
  readonly palette: Palette;
  readonly width: number;
  readonly height: number;
}

/** Counts of bins as steps over the whole width. */
export function paintOutline(
  { context, palette, width }: Plot,
  counts: Float64Array,
  y: (count: number) => number,
): void {
  const step = width / counts.length;
  context.beginPath();
  context.moveTo(0, y(0));
  counts.forEach((count, bin) => {
    context.lineTo(bin * step, y(count));
    context.lineTo((bin + 1) * step, y(count));
  });
  context.lineTo(width, y(0));
  context.strokeStyle = palette.text;
  context.lineWidth = 1;
  context.stroke();
}
