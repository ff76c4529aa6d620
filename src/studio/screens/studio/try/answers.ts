import type { Answers, Report } from '../../../../core/report/types.ts';
import { ORIGINAL } from '../../../../../workers/protocol.ts';
import type { Side, Sides } from './sides.ts';

/** The class that both sides chose for each example of the evaluation. */
export interface BothAnswers {
  readonly expected?: readonly number[];
  readonly left: readonly number[];
  readonly right: readonly number[];
  /** Examples in the data, where measuring ended before the last. */
  readonly of?: number;
}

/** An example and what was answered, as classes. */
export interface Place {
  readonly index: number;
  readonly left: number;
  readonly right: number;
  readonly expected: number | undefined;
}

/** right → wrong, wrong → right, wrong → wrong in another way; 'changed' where nobody knows what is right. */
export const CHANGES = ['lost', 'won', 'other', 'changed'] as const;
export type Change = (typeof CHANGES)[number];

type Evaluation = NonNullable<Report['evaluation']>;

/** Whether a report speaks of the data that is open: by its hash, and by its name until that is known. */
export function isOfData(
  evaluation: Pick<Evaluation, 'data' | 'sha256'>,
  name: string | undefined,
  hash: string | undefined,
): boolean {
  return hash === undefined ? evaluation.data === name : evaluation.sha256 === hash;
}

/** All answers of the evaluation, out of the reports of both sides; undefined where one did not keep them. */
export function answersBetween(
  { left, right }: Sides,
  fits: (evaluation: Evaluation) => boolean,
): BothAnswers | undefined {
  const kept = (side: Side): Evaluation | undefined => {
    const evaluation = side.trial?.report?.evaluation;
    return evaluation?.answers && fits(evaluation) ? evaluation : undefined;
  };
  const chosen = (side: Side, other: Side): readonly number[] | undefined =>
    side.id === ORIGINAL ? kept(other)?.answers?.original : kept(side)?.answers?.compressed;
  const [a, b] = [chosen(left, right), chosen(right, left)];
  const known = kept(right) ?? kept(left);
  if (a === undefined || b === undefined || known?.answers === undefined) return undefined;
  const count = Math.min(a.length, b.length);
  return {
    ...expectedOf(known.answers, count),
    left: a.slice(0, count),
    right: b.slice(0, count),
    ...(known.stopped && { of: known.stopped.of }),
  };
}

function expectedOf({ expected }: Answers, count: number): Pick<BothAnswers, 'expected'> {
  return expected === undefined ? {} : { expected: expected.slice(0, count) };
}

/** What became of one example; undefined where both sides answer the same. */
export function changeOf(
  left: number,
  right: number,
  expected: number | undefined,
): Change | undefined {
  if (left === right) return undefined;
  if (expected === undefined) return 'changed';
  if (left === expected) return 'lost';
  return right === expected ? 'won' : 'other';
}

/** Places of the examples whose answer changed, by what became of them, in the order of the data. */
export function flipsOf({
  left,
  right,
  expected,
}: BothAnswers): Readonly<Record<Change, number[]>> {
  const found: Record<Change, number[]> = { lost: [], won: [], other: [], changed: [] };
  left.forEach((answer, at) => {
    const change = changeOf(answer, right[at], expected?.[at]);
    if (change !== undefined) found[change].push(at);
  });
  return found;
}

/** Places spread evenly over the data, for a look at it where nothing better is known. */
export function spread(count: number, most: number): number[] {
  const taken = Math.min(count, most);
  return Array.from({ length: taken }, (_, at) => Math.floor((at * count) / taken));
}
