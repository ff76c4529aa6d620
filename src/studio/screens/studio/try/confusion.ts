import type { BothAnswers } from './answers.ts';

/** More classes than this make no picture: the pairs that are confused most are listed instead. */
export const MOST_CLASSES = 20;

export type ConfusionOf = 'left' | 'right' | 'difference';

/** counts[expected][answered], row by row. */
export type Confusion = readonly (readonly number[])[];

/** How often each class was answered for each; undefined where nobody knows what is right. */
export function confusionOf(
  answers: BothAnswers,
  side: 'left' | 'right',
  classes: number,
): Confusion | undefined {
  const { expected } = answers;
  if (expected === undefined) return undefined;
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  answers[side].forEach((answer, at) => {
    const row = counts.at(expected[at]);
    if (row !== undefined && answer < classes) row[answer] += 1;
  });
  return counts;
}

/** right − left. */
export function confusionDifference(left: Confusion, right: Confusion): Confusion {
  return right.map((row, r) => row.map((count, c) => count - left[r][c]));
}

/** One kind of mistake, and how often each side makes it. */
export interface ConfusedPair {
  readonly expected: number;
  readonly answered: number;
  readonly left: number;
  readonly right: number;
}

/** The mistakes that the right side makes most often, then those that changed most. */
export function confusedPairs(left: Confusion, right: Confusion, most: number): ConfusedPair[] {
  const pairs = right.flatMap((row, expected) =>
    row.map((count, answered) => ({
      ...{ expected, answered },
      left: left[expected][answered],
      right: count,
    })),
  );
  const change = (pair: ConfusedPair): number => Math.abs(pair.right - pair.left);
  return pairs
    .filter((pair) => pair.expected !== pair.answered && pair.left + pair.right > 0)
    .sort((a, b) => b.right - a.right || change(b) - change(a))
    .slice(0, most);
}
