import type { EditableStep } from '../state/recipe-store.ts';
import { obstacles as t } from '../strings/en-obstacles.ts';
import { mendOf, type Mend } from './mend.ts';
import type { MethodCard } from './method-card.ts';
import { fullSentence, placeOf, type Problem, type StepNames } from './problem-words.ts';

/** Why Run would not start, and what can be done about it. */
export interface Obstacle {
  readonly sentence: string;
  /** The step that it is about. */
  readonly key?: string;
  readonly mend?: Mend;
  /** Further problems that stand behind this one. */
  readonly more: number;
  /** Nothing is wrong; the recipe only has nothing to do yet. */
  readonly calm?: boolean;
}

interface Bench {
  readonly steps: readonly EditableStep[];
  readonly names: readonly StepNames[];
  readonly problems: readonly Problem[];
  readonly cardOf: (method: string) => MethodCard | undefined;
}

/** The first thing that stands in the way of a run. */
export function obstacleOf({ steps, names, problems, cardOf }: Bench): Obstacle | undefined {
  if (steps.length === 0) return { sentence: t.noSteps, more: 0, calm: true };
  if (steps.every(({ disabled }) => disabled === true)) {
    const { key } = steps[0];
    return { sentence: t.allOff, key, mend: { kind: 'enable', key }, more: 0, calm: true };
  }
  const problem = problems.at(0);
  if (problem === undefined) return undefined;
  const { step } = placeOf(problem.path);
  const key = step === undefined ? undefined : steps.at(step)?.key;
  const mend = mendOf(problem, steps, cardOf);
  const sentence = fullSentence(problem, names);
  return { sentence, ...(key && { key }), ...(mend && { mend }), more: problems.length - 1 };
}

/** What the button that mends it says. */
export function mendLabel(mend: Mend): string {
  if (mend.kind === 'set') return t.set(mend.title, String(mend.value));
  if (mend.kind === 'drop') return t.drop(mend.option);
  return t[mend.kind];
}
