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

/** Inputs of an encoder for one source. Throws what the feeds throw. */
export function sourceFeeds(inputs: readonly PortInfo[], source: Source): Feeds {
  return source.kind === 'tokens'
    ? languageFeeds(inputs, { windows: [source.ids] })
    : exampleFeeds(inputs, source.arrays);
}
