import { toFloat32 } from '../tensor/convert.ts';
import { transpose } from '../tensor/matrix.ts';
import type { FoundAdapter } from './find.ts';

/** All that stands beside one layer, as one adapter: Δy = scale·(x·Aᵀ)·Bᵀ. */
export interface StackedAdapter {
  readonly module: string;
  readonly inFeatures: number;
  readonly outFeatures: number;
  readonly rank: number;
  readonly scale: number;
  /** [rank, in] */
  readonly a: Float32Array;
  /** [out, rank] */
  readonly b: Float32Array;
}

/**
 * One adapter for each module. Several beside one layer (a correction of its rounding, and one that was trained) add up to one of
 * their ranks together, of scale 1: [A₁; A₂] and [s₁·B₁, s₂·B₂].
 */
export async function stackedAdapters(found: readonly FoundAdapter[]): Promise<StackedAdapter[]> {
  const byModule = new Map<string, StackedAdapter>();
  for (const adapter of found) {
    const next = await read(adapter);
    const before = byModule.get(next.module);
    byModule.set(next.module, before ? stacked(before, next) : next);
  }
  return [...byModule.values()];
}

async function read({ module, a, b, scale }: FoundAdapter): Promise<StackedAdapter> {
  const [inFeatures, rank] = a.dims;
  const outFeatures = b.dims[1];
  const [left, right] = [await a.data.read(), await b.data.read()];
  return {
    ...{ module, inFeatures, outFeatures, rank, scale },
    a: transpose(toFloat32(a.dataType, left, inFeatures * rank), inFeatures, rank),
    b: transpose(toFloat32(b.dataType, right, rank * outFeatures), rank, outFeatures),
  };
}

function stacked(one: StackedAdapter, other: StackedAdapter): StackedAdapter {
  const rank = one.rank + other.rank;
  const { module, inFeatures, outFeatures } = one;
  const a = new Float32Array(rank * inFeatures);
  a.set(one.a);
  a.set(other.a, one.a.length);
  const b = new Float32Array(outFeatures * rank);
  for (let row = 0; row < outFeatures; row++) {
    copyScaled(one, row, b, row * rank);
    copyScaled(other, row, b, row * rank + one.rank);
  }
  return { module, inFeatures, outFeatures, rank, scale: 1, a, b };
}

function copyScaled({ b, rank, scale }: StackedAdapter, row: number, to: Float32Array, at: number) {
  for (let k = 0; k < rank; k++) to[at + k] = scale * b[row * rank + k];
}
