import type { Preview } from '../../../../../workers/protocol.ts';
import { numberText } from './number-text.ts';
import { paintOutline, type Plot } from './plot.ts';

const AXIS = 20;

/** Before as an outline, after filled; heights are √count so that rare values stay visible. */
export function paintValues(plot: Plot, preview: Preview): void {
  const { context, palette, width, height } = plot;
  const base = height - AXIS;
  const before = preview.before.histogram;
  const bars = preview.after?.histogram;
  const top = Math.sqrt(Math.max(...before, ...(bars ?? [])));
  const y = (count: number): number => base - (Math.sqrt(count) / (top || 1)) * (base - 4);
  if (bars !== undefined) {
    context.fillStyle = palette.accent;
    const step = width / bars.length;
    bars.forEach((count, bin) => {
      if (count > 0)
        context.fillRect(bin * step, y(count), Math.max(1, step - 0.5), base - y(count));
    });
  }
  paintOutline(plot, before, y);
  axis(plot, preview, base);
}

function axis(
  { context, palette, width, height }: Plot,
  { minimum, maximum }: Preview,
  base: number,
) {
  const x = (value: number): number => ((value - minimum) / (maximum - minimum || 1)) * width;
  context.fillStyle = palette.line;
  context.fillRect(0, base, width, 1);
  context.fillStyle = palette.text3;
  for (const value of [minimum, 0, maximum]) {
    context.textAlign = value === minimum ? 'left' : value === maximum ? 'right' : 'center';
    context.fillText(numberText(value), x(value), height - 5);
  }
}
