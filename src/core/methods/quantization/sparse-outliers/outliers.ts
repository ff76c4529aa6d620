import { largestGap, withinReach, type Coded, type Sparse } from '../../../encodings/index.ts';
import { LatheError } from '../../../errors/lathe-error.ts';
import { keepAllBut } from '../../../kernels/rank-select.ts';
import type { Seen } from '../../../statistics/seen.ts';
import type { Take } from '../../../statistics/take.ts';
import type { InputLook, LayerWeight } from '../../contract.ts';
import { densePart } from '../dense-part.ts';
import { meanSquares } from '../mean-squares.ts';
import { groupGains } from './group-gains.ts';
import type { SparseOutliersOptions } from './meta.ts';

/** The dense part's second moments, or the norms of the input's channels where there are any. */
export function lookOf(options: SparseOutliersOptions): InputLook | undefined {
  if (densePart(options).feedsBack) return { take: ['moments'], sequential: true };
  if (options.criterion === 'magnitude') return undefined;
  const take: readonly Take[] = ['norms'];
  return { take, sequential: false, optional: true };
}

/** Places of the weights that are kept apart, ascending, as many as planned. Throws `weight-not-finite`. */
export function outliersOf(
  { layer, values }: LayerWeight,
  { codes, sparse }: { readonly codes: Coded; readonly sparse: Sparse },
  seen: Seen,
  { criterion, symmetric, quantizer }: SparseOutliersOptions,
): Int32Array {
  if (!values.every(Number.isFinite)) {
    throw new LatheError(
      'weight-not-finite',
      `The weight of "${layer.name}" holds NaN or infinity, so its largest weights are none that could be kept; leave this layer out or repair the file.`,
      { layer: layer.name },
    );
  }
  const groups = { columns: layer.inFeatures, groupSize: codes.groupSize };
  const scores =
    criterion === 'magnitude'
      ? values
      : groupGains(values, groups, symmetric && quantizer !== 'hqq', meanSquares(layer, seen));
  const { keep, gapBits } = sparse;
  return withinReach(mostFirst(scores, keep), keep, largestGap(gapBits));
}

/** Places of the `count` scores farthest from zero, the farthest first. */
function mostFirst(scores: Float32Array, count: number): Int32Array {
  const mask = keepAllBut(scores, scores.length - count);
  const places: number[] = [];
  mask.forEach((kept, at) => {
    if (kept === 1) places.push(at);
  });
  return Int32Array.from(places.sort((a, b) => Math.abs(scores[b]) - Math.abs(scores[a]) || a - b));
}
