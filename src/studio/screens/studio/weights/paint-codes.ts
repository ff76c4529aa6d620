import type { GridHistogram } from '../../../../../workers/protocol.ts';
import { enWeights as t } from '../../../strings/en-weights.ts';
import { numberText } from './number-text.ts';
import { paintOutline, type Plot } from './plot.ts';

const AXIS = 34;
const TOP = 4;
/** The outline may be so much higher than the highest bar. */
const HEADROOM = 1.2;
/** A share, or the number of a code, needs so many pixels; with the word before it more. */
const LABEL = 36;
const LONG_LABEL = 52;

/**
 * Bars on the values of the grid, one for each code, and how the weights lay between them before. Where codes are
 * even, areas compare: a bar is as high as the outline is on average over what rounds to it.
 */
export function paintCodes(plot: Plot, histogram: GridHistogram): void {
  const { context, palette, width, height } = plot;
  const base = height - AXIS;
  const { from, to, at, counts, weights } = histogram;
  const x = (position: number): number => ((position - from) / (to - from)) * width;
  const gap = smallestGap(at);
  const spacing = (gap / (to - from)) * width;
  const outline = outlineOf(histogram);
  // The largest weight of every block may lie on a code exactly: such a peak goes out at the top.
  const top = Math.max(...counts, 1) * HEADROOM;
  const y = (count: number): number => base - (Math.min(count, top) / top) * (base - TOP);
  paintPlaces(plot, histogram, x, base);
  context.fillStyle = palette.accent;
  const bar = Math.max(1, Math.min(28, spacing * 0.6));
  counts.forEach((count, code) => {
    if (count > 0) context.fillRect(x(at[code]) - bar / 2, y(count), bar, base - y(count));
  });
  paintOutline(plot, outline, y);
  context.fillStyle = palette.line;
  context.fillRect(0, base, width, 1);
  context.textAlign = 'center';
  if (spacing < LABEL) return paintEnds(plot, histogram, x);
  counts.forEach((count, code) => {
    const name =
      isCodes(histogram) && spacing >= LONG_LABEL ? `${t.code} ${code}` : nameOf(histogram, code);
    context.fillStyle = palette.text;
    context.fillText(name, x(at[code]), base + 14);
    context.fillStyle = palette.text3;
    context.fillText(shareText(count / weights), x(at[code]), base + 28);
  });
}

/** A line at every value there is, also where no weight went: what the grid can say at all. */
function paintPlaces(
  { context, palette }: Plot,
  { at, from, to }: GridHistogram,
  x: (position: number) => number,
  base: number,
): void {
  const between = (x(to) - x(from)) / at.length;
  context.fillStyle = palette.accent;
  context.globalAlpha = between > 12 ? 0.3 : between > 4 ? 0.2 : 0.1;
  for (const place of at)
    if (place >= from && place <= to) context.fillRect(Math.round(x(place)), TOP, 1, base - TOP);
  context.globalAlpha = 1;
}

/** Whether the places of the grid are codes; else they are values, or steps from zero. */
function isCodes({ integer, turned }: GridHistogram): boolean {
  return integer && turned !== true;
}

function nameOf({ integer, at }: GridHistogram, place: number): string {
  return integer ? String(at[place]).replace('-', '−') : numberText(at[place]);
}

/** Weights per step of the grid; on uneven grids as high as the highest bar. */
function outlineOf({ before, counts, from, to, integer }: GridHistogram): Float64Array {
  const perStep = before.length / (to - from);
  if (integer) return before.map((count) => count * perStep);
  const factor = Math.max(...counts) / Math.max(1, ...before);
  return before.map((count) => count * factor);
}

function paintEnds(
  { context, palette, width, height }: Plot,
  histogram: GridHistogram,
  x: (position: number) => number,
): void {
  context.fillStyle = palette.text3;
  const { at, integer } = histogram;
  const codes = isCodes(histogram);
  const ends = codes ? [0, at.length / 2, at.length - 1] : [Math.min(...at), 0, Math.max(...at)];
  for (const end of ends) {
    const steps = integer ? String(end).replace('-', '−') : numberText(end);
    const text = codes ? `${t.code} ${end}` : steps;
    const half = context.measureText(text).width / 2;
    context.fillText(text, Math.max(half, Math.min(width - half, x(end))), height - AXIS + 14);
  }
}

function smallestGap(at: Float32Array): number {
  const sorted = at.toSorted();
  let least = Infinity;
  for (let i = 1; i < sorted.length; i += 1) {
    const gap = sorted[i] - sorted[i - 1];
    if (gap > 0 && gap < least) least = gap;
  }
  return least;
}

function shareText(share: number): string {
  if (share === 0) return '0 %';
  return share < 0.01 ? '< 1 %' : `${Math.round(100 * share)} %`;
}
