/** Where things of the plot lie, in CSS pixels. */
export interface ClipFrame {
  readonly x: (ratio: number) => number;
  readonly y: (error: number) => number;
  /** Values of the error axis that are labelled. */
  readonly ticks: readonly number[];
  readonly base: number;
  /** Ends of the axis of shares. */
  readonly from: number;
  readonly to: number;
}

export interface PlacedMark {
  readonly name: string;
  readonly x: number;
  readonly y: number;
  /** Middle of its name; absent where there is no room for names. */
  readonly labelX?: number;
}

export const AXIS = 34;
export const LEFT = 56;
const RIGHT = 12;
/** Between two names. */
const GAP = 10;
/** The curve is drawn as far as it is so many times its lowest. */
const HIGHEST = 6;

/** Log axis of errors over the shares that were tried. */
export function clipFrame(
  curve: { readonly ratios: Float64Array; readonly errors: Float64Array },
  marks: readonly { readonly ratio: number; readonly error: number }[],
  size: { readonly width: number; readonly height: number; readonly top: number },
): ClipFrame {
  const { from, to, most, least } = worthSeeing(curve, marks);
  const low = Math.log10(least);
  const high = Math.max(Math.log10(most), low + 0.1);
  const base = size.height - AXIS;
  const width = size.width - LEFT - RIGHT;
  return {
    x: (ratio) => LEFT + ((Math.min(to, Math.max(from, ratio)) - from) / (to - from)) * width,
    y: (error) => {
      const up = error > 0 ? (Math.log10(error) - low) / (high - low) : 0;
      return base - 6 - Math.max(0, up) * (base - 6 - size.top);
    },
    ticks: logTicks(low, high),
    ...{ base, from, to },
  };
}

/** Where the error is not many times the lowest, and all marks. */
function worthSeeing(
  { ratios, errors }: Parameters<typeof clipFrame>[0],
  marks: Parameters<typeof clipFrame>[1],
) {
  const positive = [...errors, ...marks.map(({ error }) => error)].filter((error) => error > 0);
  const least = Math.min(...positive, 1);
  const most = Math.max(HIGHEST * least, ...marks.map(({ error }) => error));
  const near = [...ratios.keys()].filter((i) => errors[i] <= most);
  const places = [...near.map((i) => ratios[i]), ...marks.map(({ ratio }) => ratio)];
  const [from, to] = [Math.min(...places, 0.9), Math.max(...places.filter((r) => r <= 1.3), 1.05)];
  const shown = [...ratios.keys()].filter((i) => ratios[i] >= from && ratios[i] <= to);
  return { from, to, least, most: Math.min(most, Math.max(...shown.map((i) => errors[i]), least)) };
}

/** Powers of ten, and 2 and 5 times them where there are few. */
function logTicks(low: number, high: number): number[] {
  const factors = high - low > 2.5 ? [1] : high - low > 0.9 ? [1, 3] : [1, 1.5, 2, 3, 5, 7];
  const ticks: number[] = [];
  for (let power = Math.floor(low); power <= Math.ceil(high); power++)
    for (const factor of factors) {
      const value = Number((factor * 10 ** power).toPrecision(3));
      if (Math.log10(value) >= low - 1e-9 && Math.log10(value) <= high + 1e-9) ticks.push(value);
    }
  return ticks;
}

/**
 * Names in one row above the curve, each as near to its mark as the others let it be; undefined where the row is too short
 * for them. Places are d_i − (sum of the widths before), averaged where they fall (isotonic regression).
 */
export function placedMarks(
  marks: readonly { readonly name: string; readonly ratio: number; readonly error: number }[],
  { x, y }: Pick<ClipFrame, 'x' | 'y'>,
  widthOf: (text: string) => number,
  width: number,
): readonly PlacedMark[] {
  const sorted = marks
    .map((mark) => ({ ...mark, at: x(mark.ratio) }))
    .toSorted((a, b) => a.at - b.at);
  const widths = sorted.map(({ name }) => widthOf(name) + GAP);
  const before = widths.map((own, i) => widths.slice(0, i).reduce((a, b) => a + b, 0) + own / 2);
  const total = widths.reduce((a, b) => a + b, 0);
  const free = width - LEFT - total;
  const rising = nonFalling(sorted.map(({ at }, i) => at - before[i]));
  return sorted.map(({ name, at, error }, i) => ({
    ...{ name, x: at, y: y(error) },
    ...(free >= 0 && { labelX: Math.min(LEFT + free, Math.max(LEFT, rising[i])) + before[i] }),
  }));
}

/** The numbers that do not fall and are nearest to these in squares. */
function nonFalling(values: readonly number[]): number[] {
  const pools: { sum: number; count: number }[] = [];
  for (const value of values) {
    pools.push({ sum: value, count: 1 });
    for (let last = pools.length - 1; last > 0; last--) {
      const [left, right] = [pools[last - 1], pools[last]];
      if (left.sum / left.count <= right.sum / right.count) break;
      pools.splice(last - 1, 2, { sum: left.sum + right.sum, count: left.count + right.count });
    }
  }
  return pools.flatMap(({ sum, count }) => Array.from({ length: count }, () => sum / count));
}

export function lowestOf(ratios: Float64Array, errors: Float64Array) {
  const at = errors.reduce((best, error, i) => (error < errors[best] ? i : best), 0);
  return { ratio: ratios[at], error: errors[at] };
}

/** Two digits: 0.86. */
export function ratioText(ratio: number): string {
  return ratio.toFixed(2);
}
