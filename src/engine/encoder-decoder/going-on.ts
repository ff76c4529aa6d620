import { cacheOfFirst } from '../../runtime/encoder-decoder/cross-cache.ts';
import { primed } from '../../runtime/encoder-decoder/primed.ts';
import type { SequencePair } from '../../runtime/encoder-decoder/sequence-pair.ts';
import type { Siblings } from '../../runtime/evaluate/types.ts';
import { languageFeeds } from '../../runtime/feeds.ts';
import { inputPorts } from '../../runtime/ports.ts';
import type { Feeds } from '../../runtime/values.ts';
import type { OpenModel } from '../model/open.ts';
import { withParts, type OnDevice } from './encode.ts';

/**
 * Inputs of a decoder that goes on from a cache, for up to `most` places of each target, evenly spread: one token,
 * and the cache that the decoder before it makes of all tokens in front.
 */
export async function goingOnFeeds(
  { model }: OpenModel,
  before: Siblings<OpenModel>,
  pairs: readonly SequencePair[],
  most: number,
  runtime: OnDevice | undefined,
): Promise<Feeds[]> {
  const ports = inputPorts(model);
  return withParts(before, runtime, async ({ encoder, decoder: first }) => {
    if (first === undefined) return [];
    const parts = { first, ...(encoder && { encoder }) };
    const feeds: Feeds[] = [];
    for (const pair of pairs) {
      const { ids, firstCounted } = pair.window;
      const found = await primed(parts, ports, pair, ids);
      for (const length of placesOf(firstCounted, ids.length - 1, most)) {
        const past = { length, values: cacheOfFirst(found.ports, found.cache, length) };
        const batch = { windows: [[ids[length]]], past, extra: found.beside };
        feeds.push(languageFeeds(ports, batch));
      }
    }
    return feeds;
  });
}

/** Whole numbers from `from` to below `to`, at most `most` of them. */
function placesOf(from: number, to: number, most: number): number[] {
  const count = Math.max(0, Math.min(most, to - from));
  return Array.from({ length: count }, (_, k) => from + Math.floor((k * (to - from)) / count));
}
