import { LatheError } from '../../../src/core/errors/lathe-error.ts';
import { discountsOf, type Discounts } from './discounts.ts';

export interface KneserNeyOptions {
  readonly vocabularySize: number;
  /** One discount per order (Ney 1994), or three by count 1, 2, 3+ (Chen & Goodman, "modified"). */
  readonly discounts: 'single' | 'modified';
}

/** A trigram model that gives every token of the vocabulary a probability in every context. */
export interface TrigramModel {
  /** p(w | u v). */
  readonly probability: (u: number, v: number, w: number) => number;
  /** Discounts of the trigrams, bigrams, unigrams: the estimates used. */
  readonly discounts: readonly Discounts[];
}

/** Counts of the tokens after one context, summed up as the interpolation needs them. */
interface Context {
  total: number;
  /** How many distinct tokens followed once, twice, more often. */
  readonly distinct: [number, number, number];
}

/** n-grams of one order under whole-number keys: context·V + token. */
interface Order {
  readonly counts: ReadonlyMap<number, number>;
  readonly contexts: ReadonlyMap<number, Context>;
  readonly discounts: Discounts;
}

/** Largest V for which a trigram is one exact whole number: V³ < 2⁵³. */
const MOST_TOKENS = 2 ** 17;

/**
 * A trigram model with interpolated Kneser–Ney smoothing:
 * p(w|uv) = (c(uvw) − D(c))₊ / c(uv·) + λ(uv)·p(w|v), where lower orders count the distinct tokens
 * before an n-gram instead of its occurrences, λ gives back exactly what was discounted, and the
 * last order is mixed with 1/V. Discounts are estimated from counts of counts. Each document's
 * first token stands in for the two tokens before its second.
 * @param documents token ids of each document, its start token first
 * @throws LatheError `kneser-ney-data` (no trigram), `kneser-ney-token` (an id outside the vocabulary)
 * @see Chen & Goodman 1999, "An empirical study of smoothing techniques for language modeling", §3
 */
export function trainKneserNey(
  documents: Iterable<ArrayLike<number>>,
  options: KneserNeyOptions,
): TrigramModel {
  const V = options.vocabularySize;
  const trigrams = countTrigrams(documents, V);
  if (trigrams.size === 0) throw noTrigram();
  const bigrams = continuations(trigrams, V * V);
  const unigrams = continuations(bigrams, V);
  const modified = options.discounts === 'modified';
  const orders = [trigrams, bigrams, unigrams].map((counts) => orderOf(counts, V, modified));
  const [third, second, first] = orders;
  const probability = (u: number, v: number, w: number) => {
    const p1 = interpolate(first, 0, w, 1 / V, V);
    const p2 = interpolate(second, v, w, p1, V);
    return interpolate(third, u * V + v, w, p2, V);
  };
  return { probability, discounts: orders.map(({ discounts }) => discounts) };
}

function countTrigrams(documents: Iterable<ArrayLike<number>>, V: number): Map<number, number> {
  const counts = new Map<number, number>();
  for (const ids of documents) {
    for (let t = 0; t < ids.length; t++) checkToken(ids[t], V);
    for (let t = 1; t < ids.length; t++) {
      const key = (ids[Math.max(0, t - 2)] * V + ids[t - 1]) * V + ids[t];
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  return counts;
}

/** N₁₊(·x): how many distinct tokens stand before x. Keys lose their first token. */
function continuations(counts: ReadonlyMap<number, number>, place: number): Map<number, number> {
  const lower = new Map<number, number>();
  for (const key of counts.keys()) {
    const rest = key % place;
    lower.set(rest, (lower.get(rest) ?? 0) + 1);
  }
  return lower;
}

function orderOf(counts: ReadonlyMap<number, number>, V: number, modified: boolean): Order {
  const contexts = new Map<number, Context>();
  for (const [key, count] of counts) {
    const context = Math.floor(key / V);
    let found = contexts.get(context);
    if (found === undefined) contexts.set(context, (found = { total: 0, distinct: [0, 0, 0] }));
    found.total += count;
    found.distinct[Math.min(count, 3) - 1]++;
  }
  return { counts, contexts, discounts: discountsOf(counts.values(), modified) };
}

/** (c − D(c))₊/total + λ·lower; an unseen context leaves it all to the lower order. */
function interpolate(order: Order, context: number, w: number, lower: number, V: number): number {
  const found = order.contexts.get(context);
  if (found === undefined) return lower;
  const count = order.counts.get(context * V + w) ?? 0;
  const { discounts } = order;
  const kept = count === 0 ? 0 : count - discounts[Math.min(count, 3) - 1];
  const freed = found.distinct.reduce((sum, n, k) => sum + n * discounts[k], 0);
  return (kept + freed * lower) / found.total;
}

function checkToken(id: number, V: number): void {
  if (Number.isInteger(id) && id >= 0 && id < V && V <= MOST_TOKENS) return;
  throw new LatheError(
    'kneser-ney-token',
    `The token ${id} cannot be counted in a vocabulary of ${V} tokens; give ids from 0 to ${Math.min(V, MOST_TOKENS) - 1}, at most ${MOST_TOKENS} in all.`,
  );
}

function noTrigram(): LatheError {
  return new LatheError(
    'kneser-ney-data',
    'A trigram model needs at least one document of two tokens, and there is none; give more text.',
  );
}
