import { seededRandom } from '../../core/random/seeded.ts';
import type { Random } from '../../core/methods/contract.ts';

/** Each layer of each step has a stream of its own, so excluding one layer leaves the others' as they were. */
export function layerRandom(seed: number, step: number, layer: string): Random {
  return seededRandom(seed, `step ${step} · ${layer}`);
}
