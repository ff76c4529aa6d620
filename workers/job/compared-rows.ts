import { compareLogits } from '../../src/core/kernels/compare-logits.ts';

/** What one model expects at a place: the probability of what stands there, and the likeliest tokens. */
export interface Guess {
  readonly probability: number;
  readonly top: readonly { readonly id: number; readonly probability: number }[];
}

export interface ComparedRow {
  /** KL(p ‖ q) in nats. */
  readonly kl: number;
  readonly p: Guess;
  readonly q: Guess;
}

const SHOWN = 3;

/** Scores of two models [rows, classes] row by row: how far apart they are, and what each finds likeliest. */
export function comparedRows(
  p: Float32Array,
  q: Float32Array,
  classes: number,
  targets: Int32Array,
): ComparedRow[] {
  const { kl, nllP, nllQ } = compareLogits(p, q, targets.length, classes, targets);
  return Array.from(targets, (_, row) => {
    const own = (values: Float32Array) => values.subarray(row * classes, (row + 1) * classes);
    return {
      kl: kl[row],
      p: { probability: Math.exp(-nllP[row]), top: likeliest(own(p)) },
      q: { probability: Math.exp(-nllQ[row]), top: likeliest(own(q)) },
    };
  });
}

/** The few largest scores as probabilities, the first of equals first. */
export function likeliest(scores: Float32Array, count = SHOWN): Guess['top'] {
  const top: number[] = [];
  for (let id = 0; id < scores.length; id++) {
    if (top.length === count && !(scores[id] > scores[top[count - 1]])) continue;
    const place = top.findIndex((other) => scores[id] > scores[other]);
    top.splice(place < 0 ? top.length : place, 0, id);
    if (top.length > count) top.pop();
  }
  if (top.length === 0) return [];
  const most = scores[top[0]];
  const total = scores.reduce((sum, score) => sum + Math.exp(score - most), 0);
  return top.map((id) => ({ id, probability: Math.exp(scores[id] - most) / total }));
}
