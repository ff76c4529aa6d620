import type { Layer } from '../../../anatomy/types.ts';
import { batchAxis } from '../../../cache/axes.ts';
import type { CachePair } from '../../../cache/layout.ts';
import { modelCache, type ModelCache } from '../../../cache/model-ports.ts';
import type { CachePort } from '../../../cache/port.ts';
import { isCacheInput, isCrossCache } from '../../../data/cache-input.ts';
import type { Model } from '../../../onnx/types.ts';
import { DataType } from '../../../tensor/data-type.ts';
import type { Skipped } from '../../contract.ts';
import type { KvCacheOptions } from './meta.ts';

/** One cache that can be stored in codes. */
export interface CachePlace extends CachePair {
  /** The input that takes ids: its last axis counts the tokens that are new. */
  readonly tokens: string;
  readonly dataType: number;
  /** As the input declares it. */
  readonly dims: CachePort['dims'];
  readonly batch: number;
  /** The axis whose numbers share a scale per token. */
  readonly channel: number;
  readonly channels: number;
  /** Whether a range for each channel, fixed by calibration, takes the place of one for each token. */
  readonly fixed: boolean;
}

export interface CachePlaces {
  readonly places: readonly CachePlace[];
  readonly skipped: readonly Skipped[];
  /** Keys and values of an encoder's tokens stand beside them. */
  readonly beside: boolean;
}

/** The caches of the blocks that the targets lie in, and why others are left as they are. */
export function cachePlaces(
  model: Model,
  targets: readonly Layer[],
  options: KvCacheOptions,
): CachePlaces {
  const cache = modelCache(model);
  const { tokens } = cache ?? {};
  const reason = whyNone(cache);
  if (cache === undefined || tokens === undefined || reason !== undefined) {
    return {
      places: [],
      skipped: [{ name: 'key/value cache', reason: reason ?? ABSENT }],
      beside: false,
    };
  }
  const wanted = cache.layout.pairs.filter(({ past }) => isTargeted(past, targets));
  const found = wanted.map((pair) => placeOf(cache, tokens, pair, options));
  const cross = cache.inputs.filter(({ name }) => isCacheInput(name) && isCrossCache(name));
  return {
    places: found.filter((place) => 'past' in place),
    skipped: [...found.filter((place) => 'reason' in place), ...cross.map(isCross)],
    beside: cross.length > 0,
  };
}

/** Why no cache of the model can be stored in codes; undefined where some may be. */
function whyNone(cache: ModelCache | undefined): string | undefined {
  if (cache?.tokens === undefined) return ABSENT;
  const { kind, capacity } = cache.layout;
  if (kind !== 'growing') return fixedSize(capacity);
  return cache.tokens.dims.at(-1) === 1 ? ONE_TOKEN : undefined;
}

const ABSENT =
  'The model takes no key/value cache of earlier tokens ("past_key_values.0.key"), so there is nothing to store in fewer bits; open a decoder that was exported with its cache.';

const ONE_TOKEN =
  'The model takes one token at a time, so another file makes its first cache, in floating point; use the merged decoder (decoder_model_merged.onnx) or an export that starts from an empty cache.';

function fixedSize(capacity = 0): string {
  return `The model's key/value cache has ${capacity} places of fixed size, which the graph writes to in between, and only a cache that grows with the text can be stored in codes here; export the decoder with a growing cache.`;
}

/** Caches carry the number of their block in their name; what has none goes with all. */
function isTargeted(past: string, targets: readonly Layer[]): boolean {
  const blocks = new Set(targets.flatMap(({ block }) => block ?? []));
  const number = /\d+/.exec(past)?.[0];
  return blocks.size === 0 || number === undefined || blocks.has(Number(number));
}

function placeOf(
  { inputs }: ModelCache,
  tokens: CachePort,
  pair: CachePair,
  { bits, keys }: KvCacheOptions,
): CachePlace | Skipped {
  const port = inputs.find(({ name }) => name === pair.past) ?? { name: '', dataType: 0, dims: [] };
  const batch = batchAxis(port, tokens);
  const counting = [batch, pair.axis];
  const channel = port.dims.findLastIndex((_, axis) => !counting.includes(axis));
  const channels = Number(port.dims[channel]);
  const reason = obstacle(port, channels, bits);
  if (reason !== undefined) return { name: port.name, reason };
  const { dataType, dims } = port;
  const isKey = /key/i.test(port.name.replace(/key_?values?(?=[._/]?\d)/i, ''));
  const fixed = keys === 'channel' && isKey && dims.length === 4;
  return { ...pair, tokens: tokens.name, dataType, dims, batch, channel, channels, fixed };
}

function obstacle({ name, dataType }: CachePort, channels: number, bits: number) {
  if (dataType !== DataType.float32 && dataType !== DataType.float16) {
    return `"${name}" is not kept in floating point, so it was left as it is.`;
  }
  return bits === 4 && channels % 2 === 1
    ? `"${name}" has ${channels} channels a head, of which two cannot share a byte, so it was left as it is; use 8 bits.`
    : undefined;
}

function isCross({ name }: CachePort): Skipped {
  return {
    name,
    reason: `"${name}" holds keys and values of the encoder's tokens, which are made once and do not grow with the text, so it was left as it is.`,
  };
}
