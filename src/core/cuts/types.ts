/**
 * What of a transformer goes. Indices are those of the anatomy (`Block.index`; a head is a query head of its block, a
 * key/value head where `keyValueHeads` says so), all ascending and without repeats. What is not named stays whole.
 * An encoder and a decoder count their blocks each for itself, so each list speaks of one stack.
 */
export interface Cut {
  readonly stack?: 'encoder' | 'decoder';
  /** Blocks that go with both sub-layers. */
  readonly blocks?: readonly number[];
  /** Blocks that lose their attention (its norm and residual sum with it) … */
  readonly attention?: readonly number[];
  /** … or their feed-forward part. */
  readonly feedForward?: readonly number[];
  /** Query heads that go, by block. With grouped queries: whole groups, or equally many of each group. */
  readonly heads?: ReadonlyMap<number, readonly number[]>;
  /** How many feed-forward neurons stay, by block; which ones the run decides. */
  readonly neurons?: ReadonlyMap<number, number>;
}
