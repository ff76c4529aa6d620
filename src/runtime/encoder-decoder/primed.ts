import { LatheError } from '../../core/errors/lathe-error.ts';
import { languageFeeds } from '../feeds.ts';
import type { PortInfo, Session } from '../types.ts';
import type { Feeds } from '../values.ts';
import { crossCache, grownCache, presentNames, type CachePort } from './cross-cache.ts';
import { statesOf } from './encoder-states.ts';
import type { SequencePair } from './sequence-pair.ts';

/** The files that come before a decoder which goes on from a cache. */
export interface Before {
  readonly encoder?: Session;
  /** The decoder that reads the beginning of a target. */
  readonly first: Session;
}

/** What such a decoder reads beside its tokens: cache inputs and which states count. */
export interface Primed {
  readonly ports: readonly CachePort[];
  readonly cache: Feeds;
  readonly beside: Feeds;
}

/**
 * What the files before a decoder leave for it when they have read `ids`. Throws `encoder-missing`, `cache-unmade`.
 */
export async function primed(
  { encoder, first }: Before,
  inputs: readonly PortInfo[],
  pair: SequencePair,
  ids: Int32Array,
): Promise<Primed> {
  const ports = crossCache({ inputs }, first);
  if (ports === undefined) throw cacheUnmade();
  const reader = { inputs: [...first.inputs, ...inputs] };
  const beside = await statesOf(encoder, pair, reader);
  const feeds = languageFeeds(first.inputs, { windows: [ids], extra: beside });
  const found = await first.run(feeds, presentNames(first, ports));
  return { ports, cache: grownCache(ports, found), beside };
}

function cacheUnmade(): LatheError {
  return new LatheError(
    'cache-unmade',
    'The decoder goes on from a key/value cache that the decoder beside it does not make, so they do not belong together; put the two files that were exported together into one folder.',
  );
}
