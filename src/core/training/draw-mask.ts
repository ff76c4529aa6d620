import type { DropoutMask } from '../autodiff/normalise/masks.ts';
import { seededRandom } from '../random/seeded.ts';
import { DataType } from '../tensor/data-type.ts';
import type { Value } from '../tensor/values.ts';

/**
 * The masks of one batch by input name, decided by (seed, batch, position of the mask) alone: a run that
 * is taken up again draws what it would have drawn.
 */
export function drawMasks(
  masks: readonly DropoutMask[],
  seed: number,
  batch: number,
): Record<string, Value> {
  return Object.fromEntries(
    masks.map(({ name, dims, keep }, index) => {
      const count = dims.reduce((product, size) => product * size, 1);
      const data = drawMask(count, keep, seed, `dropout ${batch} ${index}`);
      return [name, { dataType: DataType.uint8, dims, data }];
    }),
  );
}

/**
 * `count` bytes, each 1 with probability `keep` (to 2⁻³¹) and else 0, from the stream (seed, label):
 * xorshift128 (Marsaglia 2003), whose state comes from {@link seededRandom}. Megabytes are drawn before
 * every step, so its four words are renewed in turn and four bytes written at once.
 */
export function drawMask(count: number, keep: number, seed: number, label: string): Uint8Array {
  const random = seededRandom(seed, label);
  const word = (): number => (random.next() * 2 ** 32) | 0;
  // The generator's one forbidden state is all zeros.
  let [a, b, c, d] = [word(), word(), word(), word() | 1];
  const threshold = Math.round(keep * 2 ** 31) | 0;
  const words = new Int32Array(Math.ceil(count / 4));
  for (let i = 0; i < words.length; i++) {
    a = renewed(a, d);
    b = renewed(b, a);
    c = renewed(c, b);
    d = renewed(d, c);
    const half = below(a, threshold) | (below(b, threshold) << 8);
    words[i] = half | (below(c, threshold) << 16) | (below(d, threshold) << 24);
  }
  return new Uint8Array(words.buffer, 0, count);
}

/** xorshift128: the next word from the oldest and the newest of four. */
function renewed(oldest: number, newest: number): number {
  const t = oldest ^ (oldest << 11);
  return t ^ (t >>> 8) ^ newest ^ (newest >>> 19);
}

/** Whether the upper 31 bits are below a threshold, as the sign of a difference: nothing branches. */
function below(word: number, threshold: number): number {
  return ((word >>> 1) - threshold) >>> 31;
}
