import type { Classification } from '../../../../../workers/protocol.ts';

/** The label a model answers: the likeliest, the first of equals. */
export function answerOf(probabilities: readonly number[]): number {
  return probabilities.indexOf(Math.max(...probabilities));
}

export function isFlipped({ original, compressed }: Classification): boolean {
  return answerOf(original) !== answerOf(compressed);
}

/** Changed answers first, by how sure the compressed model is; the rest in their own order. */
export function flipsFirst<Case extends { readonly answer: Classification | undefined }>(
  cases: readonly Case[],
): (Case & { flipped: boolean })[] {
  return cases
    .map((entry) => ({ ...entry, flipped: entry.answer !== undefined && isFlipped(entry.answer) }))
    .sort((a, b) => weight(b) - weight(a));
}

function weight({ answer, flipped }: { answer: Classification | undefined; flipped: boolean }) {
  return flipped && answer !== undefined ? 1 + Math.max(...answer.compressed) : 0;
}
