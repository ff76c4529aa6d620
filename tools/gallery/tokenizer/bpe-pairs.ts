/** A distinct word: its pieces and how often it occurs. */
export interface SpelledWord {
  pieces: number[];
  readonly count: number;
}

export interface Pair {
  readonly left: number;
  readonly right: number;
}

/** Piece ids stay below this, so that a pair fits one whole number exactly. */
const RADIX = 2 ** 24;

/** How often each pair of neighbouring pieces occurs, kept up to date while pairs are merged. */
export class PairCounts {
  readonly #words: readonly SpelledWord[];
  readonly #counts = new Map<number, number>();
  /** Words that held the pair at some time: a superset of those that do now. */
  readonly #places = new Map<number, Set<number>>();

  constructor(words: readonly SpelledWord[]) {
    this.#words = words;
    words.forEach((word, index) => this.#count(word, index, 1));
  }

  /** The most frequent pair, the oldest among equals; undefined below `minFrequency`. */
  mostFrequent(minFrequency: number): Pair | undefined {
    let [best, most] = [-1, minFrequency - 1];
    for (const [key, count] of this.#counts) {
      if (count > most || (count === most && best >= 0 && key < best)) [best, most] = [key, count];
    }
    return best < 0 ? undefined : { left: Math.floor(best / RADIX), right: best % RADIX };
  }

  /** Replaces the pair by `piece` wherever it occurs, from left to right. */
  merge(pair: Pair, piece: number): void {
    const key = pair.left * RADIX + pair.right;
    for (const index of this.#places.get(key) ?? []) {
      const word = this.#words[index];
      const merged = mergeIn(word.pieces, pair, piece);
      if (merged.length === word.pieces.length) continue;
      this.#count(word, index, -1);
      word.pieces = merged;
      this.#count(word, index, 1);
    }
    this.#counts.delete(key);
    this.#places.delete(key);
  }

  #count({ pieces, count }: SpelledWord, index: number, sign: 1 | -1): void {
    for (let k = 1; k < pieces.length; k++) {
      const key = pieces[k - 1] * RADIX + pieces[k];
      const total = (this.#counts.get(key) ?? 0) + sign * count;
      if (total === 0) this.#counts.delete(key);
      else this.#counts.set(key, total);
      if (sign === 1) this.#place(key, index);
    }
  }

  #place(key: number, index: number): void {
    const places = this.#places.get(key);
    if (places === undefined) this.#places.set(key, new Set([index]));
    else places.add(index);
  }
}

function mergeIn(pieces: readonly number[], { left, right }: Pair, piece: number): number[] {
  const merged: number[] = [];
  for (let k = 0; k < pieces.length; k++) {
    if (pieces[k] === left && pieces[k + 1] === right) {
      merged.push(piece);
      k++;
    } else merged.push(pieces[k]);
  }
  return merged;
}
