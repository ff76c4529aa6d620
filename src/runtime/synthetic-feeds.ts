import { batchAxis } from '../core/cache/axes.ts';
import { isOpen } from '../core/cache/port.ts';
import { tokenInput } from '../core/cache/token-input.ts';
import { isCacheInput, isCrossCache } from '../core/data/cache-input.ts';
import { bindDim, type Bindings } from '../core/onnx/shape/dimension.ts';
import type { Random } from '../core/random/random.ts';
import { normal, seededRandom } from '../core/random/seeded.ts';
import { DataType } from '../core/tensor/data-type.ts';
import type { Value } from '../core/tensor/values.ts';
import { languageFeeds } from './feeds.ts';
import { fillerOf } from './fillers.ts';
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
 * ones, positions counting up, caches empty. Scores on them are fidelity, never quality. What a decoder with a
 * cache is told about lengths fits its ids, as with text.
 */
export function syntheticFeeds(inputs: readonly PortInfo[], options: SyntheticOptions): Feeds {
  const { seed, index = 0 } = options;
  const sizes = openSizes(inputs, options);
  const made = Object.fromEntries(
    inputs.map((port) => {
      const random = seededRandom(seed, `synthetic ${index} ${port.name}`);
      const dims = port.dims.map((dim) => (isOpen(dim) ? (sizes[dim] ?? 1) : Number(dim)));
      return [port.name, synthetic(port, dims, options, random)];
    }),
  );
  return { ...made, ...lengthsBeside(inputs, made) };
}

/** Numbers for open sizes: of the token input first, of the cache, and of all others what their names come to. */
function openSizes(inputs: readonly PortInfo[], options: SyntheticOptions): Bindings {
  const { batch = 1, length = 16, dimensions = {} } = options;
  const tokens = tokenInput(inputs);
  const isEmpty = ({ name }: PortInfo) => isCacheInput(name) && !isCrossCache(name);
  const rank = (port: PortInfo) => (port === tokens ? 0 : isEmpty(port) ? 1 : 2);
  const bindings: Record<string, number> = {};
  for (const port of [...inputs].sort((a, b) => rank(a) - rank(b))) {
    const counts = isCacheInput(port.name) ? batchAxis(port, tokens) : 0;
    port.dims.forEach((dim, axis) => {
      if (!isOpen(dim) || Object.hasOwn(bindings, dim)) return;
      const known = bindDim(dim, { ...dimensions, ...bindings });
      const guess = axis === counts ? batch : isEmpty(port) ? 0 : length;
      bindings[dim] = typeof known === 'number' && known >= 0 ? known : guess;
    });
  }
  return bindings;
}

/** What a decoder with a cache is told about lengths, as with a text of these ids. */
function lengthsBeside(inputs: readonly PortInfo[], made: Feeds): Feeds {
  const tokens = tokenInput(inputs);
  const caches = inputs.some(({ name }) => isCacheInput(name));
  if (tokens?.dims.length !== 2 || !caches) return {};
  const ids = made[tokens.name];
  const [rows, length] = ids.dims;
  const windows = Array.from({ length: rows }, (_, row) =>
    Array.from(ids.data.subarray(row * length, (row + 1) * length), Number),
  );
  const told = inputs.filter((port) => fillerOf(port) && !isCrossCache(port.name));
  return { ...languageFeeds([...told, tokens], { windows }), [tokens.name]: ids };
}

const FLOATS = new Set<number>([DataType.float32, DataType.float16, DataType.float64]);

function synthetic(
  port: PortInfo,
  dims: readonly number[],
  options: SyntheticOptions,
  random: Random,
): Value {
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
