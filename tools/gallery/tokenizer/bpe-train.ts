import { LatheError } from '../../../src/core/errors/lathe-error.ts';
import { BYTE_CHARACTERS, splitWords, toByteCharacters } from './byte-level.ts';
import { PairCounts } from './bpe-pairs.ts';

export interface BpeOptions {
  /** Tokens in all: special ones, the 256 bytes, and one for each merge. */
  readonly vocabularySize: number;
  /** Get the first ids, in this order. */
  readonly specialTokens?: readonly string[];
  /** Merges of pairs seen less often than this are not made; 2 unless stated. */
  readonly minFrequency?: number;
}

/** What byte-pair encoding learned: ids are positions in `tokens`. */
export interface BpeVocabulary {
  readonly specialTokens: readonly string[];
  /** Special tokens, bytes, then the merged pieces in the order they were learned. */
  readonly tokens: readonly string[];
  /** The two pieces of each merge, first learned first. */
  readonly merges: readonly (readonly [string, string])[];
}

/**
 * Learns a byte-level byte-pair encoding: words (GPT-2's cut) are spelled in bytes, and the most
 * frequent pair of neighbouring pieces becomes a piece, again and again. Among equally frequent
 * pairs the one whose pieces are older wins, so the same texts give the same vocabulary. Every text
 * can be written with it: all bytes are tokens.
 * @throws LatheError `bpe-vocabulary-size`
 * @see Sennrich, Haddow & Birch 2016, arXiv:1508.07909; Radford et al. 2019 (byte level)
 */
export function trainBpe(texts: Iterable<string>, options: BpeOptions): BpeVocabulary {
  const { vocabularySize, specialTokens = [], minFrequency = 2 } = options;
  checkSize(vocabularySize, specialTokens.length);
  const pieces = [...BYTE_CHARACTERS];
  const pairs = new PairCounts(spelledWords(texts));
  const merges: [string, string][] = [];
  while (specialTokens.length + pieces.length < vocabularySize) {
    const best = pairs.mostFrequent(minFrequency);
    if (best === undefined) break;
    merges.push([pieces[best.left], pieces[best.right]]);
    pairs.merge(best, pieces.length);
    pieces.push(pieces[best.left] + pieces[best.right]);
  }
  return { specialTokens, tokens: [...specialTokens, ...pieces], merges };
}

function checkSize(size: number, special: number): void {
  const least = 256 + special;
  if (Number.isInteger(size) && size >= least) return;
  throw new LatheError(
    'bpe-vocabulary-size',
    `A vocabulary of ${size} tokens cannot hold the 256 bytes and ${special} special tokens; choose at least ${least}.`,
  );
}

/** Each distinct word once, as piece ids (= byte values at first), with how often it occurs. */
function spelledWords(texts: Iterable<string>) {
  const counts = new Map<string, number>();
  for (const text of texts) {
    for (const word of splitWords(text)) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const byteOf = new Map(BYTE_CHARACTERS.map((character, byte) => [character, byte]));
  return Array.from(counts, ([word, count]) => ({
    pieces: Array.from(toByteCharacters(word), (character) => byteOf.get(character) ?? 0),
    count,
  }));
}
