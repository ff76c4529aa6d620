import { isCacheInput, isCrossCache } from '../data/cache-input.ts';
import { batchAxis, tokenAxis } from './axes.ts';
import { presentName } from './names.ts';
import { isOpen, type CachePort } from './port.ts';

/** An input that takes what an output gave one run earlier. */
export interface CachePair {
  readonly past: string;
  readonly present: string;
  /** The axis of both that counts tokens. */
  readonly axis: number;
}

/**
 * How a cache keeps tokens. `growing`: it comes back longer by what was read. `buffer`: it has a fixed number of
 * places, and is told at which the new tokens go. `window`: it has a fixed number of places, the newest tokens
 * at its end; a mask covers it and what is read.
 */
export type CacheKind = 'growing' | 'buffer' | 'window';

/** The key/value cache of a decoder. */
export interface CacheLayout {
  readonly kind: CacheKind;
  /** In the order of the inputs. */
  readonly pairs: readonly CachePair[];
  /** Places of a cache of fixed size. */
  readonly capacity?: number;
}

/** Cache inputs that grow with the text: those for an encoder's tokens do not. */
export function selfCaches<P extends CachePort>(inputs: readonly P[]): P[] {
  return inputs.filter(
    ({ name, dims }) => isCacheInput(name) && !isCrossCache(name) && dims.length >= 3,
  );
}

/**
 * Which outputs continue which inputs of a decoder with a key/value cache, and how it keeps tokens; undefined
 * where it offers none, or one whose ports do not pair up, do not say which axis counts tokens, or leave another
 * size open. `tokens` is the input that takes ids.
 */
export function cacheLayout(
  inputs: readonly CachePort[],
  outputs: readonly CachePort[],
  tokens?: CachePort,
): CacheLayout | undefined {
  const caches = selfCaches(inputs);
  const pairs = caches
    .map((port) => pairOf(port, outputs, tokens))
    .filter((pair) => pair !== undefined);
  if (pairs.length === 0 || pairs.length < caches.length) return undefined;
  const size = caches[0].dims[pairs[0].axis];
  if (isOpen(size)) return { kind: 'growing', pairs };
  // A file that was exported with no past at all takes none.
  if (size === 0) return undefined;
  return { kind: fixedKind(inputs, Number(size)), pairs, capacity: Number(size) };
}

function pairOf(
  port: CachePort,
  outputs: readonly CachePort[],
  tokens: CachePort | undefined,
): CachePair | undefined {
  const present = presentName(
    port.name,
    outputs.map(({ name }) => name),
  );
  if (present === undefined) return undefined;
  const batch = batchAxis(port, tokens);
  const declared = outputs.find(({ name, dims }) => name === present && dims.length > 0);
  const axis = tokenAxis(port, declared, batch);
  const open = port.dims.some((dim, at) => at !== batch && at !== axis && isOpen(dim));
  return axis === undefined || open ? undefined : { past: port.name, present, axis };
}

const WRITES_AT =
  /cache_position|seqlens_k|past_.*len|^past_len|total_sequence|write_ind|start_pos|^position_ids$/;

/**
 * How a cache of `capacity` places keeps tokens, as its companions tell: a mask longer than it covers what is read
 * as well; else something has to say where the new tokens go.
 */
export function fixedKind(inputs: readonly CachePort[], capacity: number): 'buffer' | 'window' {
  const mask = inputs.find(({ name }) => /(^|_)attention_mask$/.test(name))?.dims.at(-1);
  const longer =
    typeof mask === 'number' ? mask > capacity : new RegExp(`\\b${capacity}\\b`).test(mask ?? '');
  if (longer) return 'window';
  const told = inputs.some(({ name, dims }) => WRITES_AT.test(name) && dims.length <= 2);
  return told ? 'buffer' : 'window';
}
