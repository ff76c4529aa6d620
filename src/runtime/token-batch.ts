import type { Feeds } from './values.ts';

/** Token windows that run together. Shorter ones are padded on the right and masked. */
export interface TokenBatch {
  readonly windows: readonly ArrayLike<number>[];
  /** Any id of the vocabulary; masked positions are not looked at. Default 0. */
  readonly padId?: number;
  /** Pad to this many tokens; to the longest window unless stated. */
  readonly length?: number;
  /** What earlier tokens of the same texts left behind: the windows then go on from there. */
  readonly past?: Past;
  /** Arrays for inputs that text does not determine, or that are known better; they win over what text gives. */
  readonly extra?: Feeds;
}

/** A key/value cache that is filled: its arrays under the names of the inputs that take them. */
export interface Past {
  /** Tokens it stands for, the same in every row. */
  readonly length: number;
  readonly values: Feeds;
}
