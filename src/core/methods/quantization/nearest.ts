/** Numbers in ascending order with what separates them: what a search for the nearest needs. */
export interface Sorted {
  /** Code of each number, ascending by number; a number that several codes stand for has the first. */
  readonly codes: Uint8Array;
  /** `thresholds[i]`: what is larger is nearer to number i + 1 than to i; padded with ∞ to 2^k − 1. */
  readonly thresholds: Float64Array;
}

/** Which of two numbers a value just between them goes to: the smaller, or that with the even code (IEEE 754). */
export type Ties = 'lower' | 'even';

/** Prepares the values of a table for {@link encodeNearest}. */
export function sorted(values: ArrayLike<number>, ties: Ties): Sorted {
  const all = Array.from({ length: values.length }, (_, code) => code);
  const order = all
    .sort((a, b) => values[a] - values[b] || a - b)
    .filter((code, i) => i === 0 || values[code] !== values[all[i - 1]]);
  const thresholds = new Float64Array(2 ** Math.ceil(Math.log2(order.length)) - 1).fill(Infinity);
  for (let i = 0; i + 1 < order.length; i++) {
    const middle = Math.fround((values[order[i]] + values[order[i + 1]]) / 2);
    const up = ties === 'even' && order[i + 1] % 2 === 0;
    // A float32 above this is the middle or more.
    thresholds[i] = up ? middle - Math.abs(middle) * 2 ** -40 : middle;
  }
  return { codes: Uint8Array.from(order), thresholds };
}

/** codes[i] = that of the number nearest to values[i] / scale, from ≤ i < end, divided in float32. */
export function encodeNearest(
  values: Float32Array,
  { from, end }: { readonly from: number; readonly end: number },
  scale: number,
  { codes: order, thresholds }: Sorted,
  codes: Uint8Array,
): void {
  const half = (thresholds.length + 1) / 2;
  for (let i = from; i < end; i++) {
    const value = Math.fround(values[i] / scale);
    let at = 0;
    for (let step = half; step >= 1; step /= 2) if (value > thresholds[at + step - 1]) at += step;
    codes[i] = order[at];
  }
}
