/** The label a model answers: the likeliest, the first of equals. */
export function answerOf(probabilities: readonly number[]): number {
  return probabilities.indexOf(Math.max(...probabilities));
}

/** The labels that either model finds likeliest, in that order. */
export function likeliestOf(
  left: readonly number[],
  right: readonly number[],
  count: number,
): number[] {
  const most = (at: number): number => Math.max(left[at], right[at]);
  return left
    .map((_, at) => at)
    .sort((a, b) => most(b) - most(a))
    .slice(0, count);
}
