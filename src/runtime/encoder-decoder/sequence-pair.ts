import type { TokenWindow } from '../../core/data/types.ts';
import { exampleFeeds, languageFeeds } from '../feeds.ts';
import type { PortInfo } from '../types.ts';
import type { Feeds } from '../values.ts';

/** What an encoder reads of one example: tokens, or arrays (speech features, pixels) with a first axis of one. */
export type Source =
  | { readonly kind: 'tokens'; readonly ids: Int32Array }
  | { readonly kind: 'arrays'; readonly arrays: Feeds };

/** One source and what is to be made of it. */
export interface SequencePair {
  /** The decoder's tokens, its start token first. */
  readonly window: TokenWindow;
  readonly source?: Source;
  /** The decoder's inputs that an encoder would give, where the data holds them. */
  readonly states?: Feeds;
}

/** What only a decoder reads: its tokens, their mask, its cache. */
const OF_DECODER = /^decoder_|^past|^use_cache|^cache_position$/;

/** Whether a graph holds both parts: it takes a source and the tokens of a target. */
export function isWhole(inputs: readonly Pick<PortInfo, 'name'>[]): boolean {
  const takes = (pattern: RegExp) => inputs.some(({ name }) => pattern.test(name));
  return takes(/^decoder_input_ids$/) && takes(/^input_/) && !takes(/^encoder_hidden_states$/);
}

/** A pair for such a graph: what is made of the source is its own affair, so the source itself stands beside the tokens. */
export function wholePair(
  inputs: readonly PortInfo[],
  { source, ...pair }: SequencePair,
): SequencePair {
  if (source === undefined) return pair;
  const own = inputs.filter(({ name }) => !OF_DECODER.test(name));
  return { ...pair, states: sourceFeeds(own, source) };
}

/** Inputs of an encoder for one source. Throws what the feeds throw. */
export function sourceFeeds(inputs: readonly PortInfo[], source: Source): Feeds {
  return source.kind === 'tokens'
    ? languageFeeds(inputs, { windows: [source.ids] })
    : exampleFeeds(inputs, source.arrays);
}
