import type { Ablation } from '../../../ablation/types.ts';
import type { Level } from '../../../allocation/upgrades.ts';
import type { Encoder } from './candidates.ts';
import { atLevels } from './replaced.ts';
import type { Rated, RatedPart } from './sensitivity.ts';
import type { Assignment } from './solve.ts';

/** Candidates whose losses are corrected together: those of one method at one number of bits. */
export type Class = string;

/** What sums of losses are multiplied with, as far as it was measured. */
export interface Correction {
  readonly whole: number;
  readonly classes: ReadonlyMap<Class, number>;
}

export const UNCORRECTED: Correction = { whole: 1, classes: new Map() };

export function classOf({ level }: Pick<Rated, 'level'>): Class {
  return `${level.method} ${level.bits}`;
}

/** Losses as corrected; behind them nothing, for a part that is left as it is. */
export function correctedItems(
  parts: readonly RatedPart[],
  bytesLeft: readonly number[],
  { whole, classes }: Correction,
): readonly (readonly Level[])[] {
  return parts.map(({ candidates }, at) => [
    ...candidates.map((own) => ({
      cost: own.bytes,
      error: own.loss * whole * (classes.get(classOf(own)) ?? 1),
    })),
    { cost: bytesLeft[at], error: 0 },
  ]);
}

type Given = readonly [RatedPart, Rated];

/** What to measure of an assignment: all of it, then each of its classes alone where there are several. */
export interface Trial {
  readonly ablations: readonly Ablation[];
  readonly classes: readonly Class[];
}

export function trialOf(
  parts: readonly RatedPart[],
  levels: Assignment,
  encoder: Encoder,
  byClass: boolean,
): Trial {
  const given = givenBy(parts, levels);
  const all = [...new Set(given.map(([, own]) => classOf(own)))];
  const classes = byClass && all.length > 1 ? all : [];
  const ablation = (some: readonly Given[]): Ablation =>
    atLevels(
      some.map(([{ part }, own]) => [part, own] as const),
      encoder,
    );
  const single = classes.map((one) => ablation(given.filter(([, own]) => classOf(own) === one)));
  return { ablations: [ablation(given), ...single], classes };
}

/** Truth over prediction: of each class alone, and of the whole against the sum of the classes. */
export function correctionBy(
  parts: readonly RatedPart[],
  levels: Assignment,
  { classes }: Trial,
  [whole, ...single]: readonly number[],
  before: Correction,
): Correction {
  const given = givenBy(parts, levels);
  const predicted = (some: readonly Given[]) => some.reduce((sum, [, own]) => sum + own.loss, 0);
  if (classes.length === 0) {
    const sum = given.reduce(
      (all, [, own]) => all + own.loss * (before.classes.get(classOf(own)) ?? 1),
      0,
    );
    return { ...before, whole: ratio(whole, sum) };
  }
  const scales = classes.map((one, at): [Class, number] => {
    const own = given.filter(([, candidate]) => classOf(candidate) === one);
    return [one, ratio(single[at], predicted(own))];
  });
  const together = single.reduce((sum, loss) => sum + loss, 0);
  return { whole: ratio(whole, together), classes: new Map([...before.classes, ...scales]) };
}

function givenBy(parts: readonly RatedPart[], levels: Assignment): readonly Given[] {
  return parts.flatMap((own, at): Given[] => {
    const candidate: Rated | undefined = own.candidates[levels[at]];
    return candidate === undefined ? [] : [[own, candidate]];
  });
}

function ratio(truth: number, predicted: number): number {
  return predicted > 0 && truth > 0 ? truth / predicted : 1;
}
