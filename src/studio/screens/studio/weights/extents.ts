import type { Preview } from '../../../../../workers/protocol.ts';
import { robustExtent } from '../../../charts/diverging.ts';

/** Share of the values' scale that errors get: half a step of 2 bits reaches its end, of 4 bits a quarter of it. */
const ERROR_SHARE = 1 / 4;

/** The magnitude that 99.5 % of a layer's weights stay below, from its histogram: the same wherever one looks. */
export function valueExtent({ before: { histogram }, minimum, maximum }: Preview): number {
  const count = histogram.reduce((sum, n) => sum + n, 0);
  const width = (maximum - minimum) / histogram.length;
  const ends = Array.from(histogram, (n, bin) => {
    const [low, high] = [minimum + bin * width, minimum + (bin + 1) * width];
    return { n, size: Math.max(Math.abs(low), Math.abs(high)) };
  }).sort((a, b) => a.size - b.size);
  let seen = 0;
  for (const { n, size } of ends) {
    seen += n;
    if (seen >= 0.995 * count) return size;
  }
  return Math.max(Math.abs(minimum), Math.abs(maximum));
}

/** After − before, weight by weight. */
export function errorsOf(before: Float32Array, after: Float32Array): Float32Array {
  return after.map((value, i) => value - before[i]);
}

export type ErrorScale = 'fixed' | 'fitted';

/** Fixed: more bits look better. Fitted: what the errors look like, however small they are. */
export function errorExtent(scale: ErrorScale, values: number, errors: Float32Array): number {
  return scale === 'fixed' ? values * ERROR_SHARE : robustExtent(errors);
}
