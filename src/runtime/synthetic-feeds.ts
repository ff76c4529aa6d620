import type { Random } from '../core/random/random.ts';
import { normal, seededRandom } from '../core/random/seeded.ts';
import { DataType } from '../core/tensor/data-type.ts';
import type { Value } from '../core/tensor/values.ts';
import type { PortInfo } from './types.ts';
import { makeValue, type Feeds } from './values.ts';

export interface SyntheticOptions {
  readonly seed: number;
  /** Which of the examples of this seed. Default 0. */
  readonly index?: number;
  /** Size of the first dimension where it is a symbol. Default 1. */
  readonly batch?: number;
  /** Size of every other symbolic dimension, unless it has an entry in `dimensions`. Default 16. */
  readonly length?: number;
  readonly dimensions?: Readonly<Record<string, number>>;
  /** Whole-number inputs are drawn below this: the size of the embedding table. Default 2. */
  readonly vocabulary?: number;
}

/**
 * Made-up inputs for a model nobody gave data for: standard normal floats, uniform ids, masks of
 * ones, positions counting up, caches empty. Scores on them are fidelity, never quality.
 */
export function syntheticFeeds(inputs: readonly PortInfo[], options: SyntheticOptions): Feeds {
  const { seed, index = 0 } = options;
  return Object.fromEntries(
    inputs.map((port) => {
      const random = seededRandom(seed, `synthetic ${index} ${port.name}`);
      return [port.name, synthetic(port, options, random)];
    }),
  );
}

const FLOATS = new Set<number>([DataType.float32, DataType.float16, DataType.float64]);

function synthetic(port: PortInfo, options: SyntheticOptions, random: Random): Value {
  const dims = dimsOf(port, options);
  const make = (fill: (index: number) => number) => makeValue(port.dataType, dims, fill);
  const last = dims.at(-1) ?? 1;
  if (/mask/.test(port.name)) return make(() => 1);
  if (/position/.test(port.name)) return make((i) => i % last);
  if (/token_type|segment/.test(port.name)) return make(() => 0);
  if (FLOATS.has(port.dataType)) return make(() => normal(random));
  if (port.dataType === DataType.bool)
    return make(() => Number(/use_cache/.test(port.name) ? 0 : 1));
  const limit = Math.max(1, options.vocabulary ?? 2);
  return make(() => Math.floor(random.next() * limit));
}

function dimsOf(port: PortInfo, options: SyntheticOptions): number[] {
  const { batch = 1, length = 16, dimensions = {} } = options;
  const isCache = /^past/.test(port.name);
  return port.dims.map((dim, axis) => {
    if (typeof dim === 'number' && dim >= 0) return dim;
    const bound = Object.hasOwn(dimensions, dim) ? dimensions[dim] : undefined;
    if (bound !== undefined) return bound;
    if (axis === 0) return batch;
    return isCache ? 0 : length;
  });
}
