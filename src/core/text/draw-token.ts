import type { Random } from '../random/random.ts';

export interface Sampling {
  /** Divides the scores: below 1 the likely tokens gain, 0 always takes the likeliest. */
  readonly temperature: number;
  /** Draw among the likeliest tokens that together have this probability only; 1 unless stated. */
  readonly topP?: number;
}

/** softmax(scores / temperature) in float64. */
export function softmax(scores: ArrayLike<number>, temperature = 1): Float64Array {
  const weights = Float64Array.from(scores);
  const top = weights.reduce((a, b) => Math.max(a, b), -Infinity);
  let total = 0;
  for (let i = 0; i < weights.length; i++) {
    weights[i] = Math.exp((weights[i] - top) / temperature);
    total += weights[i];
  }
  return weights.map((weight) => weight / total);
}

/** The token with the highest score, the first of equals. */
export function likeliest(scores: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < scores.length; i++) if (scores[i] > scores[best]) best = i;
  return best;
}

/**
 * A token drawn from softmax(scores / temperature), among its nucleus where topP < 1: the fewest
 * likeliest tokens whose probabilities sum to topP or more.
 * @see Holtzman et al. 2020, arXiv:1904.09751, §3.1 (nucleus sampling)
 */
export function drawToken(
  scores: ArrayLike<number>,
  { temperature, topP = 1 }: Sampling,
  random: Random,
): number {
  if (temperature === 0) return likeliest(scores);
  const weights = softmax(scores, temperature);
  if (topP < 1) keepNucleus(weights, topP);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let rest = random.next() * total;
  const drawn = weights.findIndex((weight) => (rest -= weight) < 0);
  // Rounding may leave a rest behind the last token.
  return drawn < 0 ? likeliest(weights) : drawn;
}

/** Sets the weights outside the nucleus to 0. */
function keepNucleus(weights: Float64Array, topP: number): void {
  const order = Array.from(weights, (_, index) => index).sort((a, b) => weights[b] - weights[a]);
  let sum = 0;
  for (const index of order) {
    if (sum >= topP) weights[index] = 0;
    else sum += weights[index];
  }
}
