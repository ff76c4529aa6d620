import type { Forecast } from '../../../workers/protocol.ts';
import { obstacles as t } from '../strings/en-obstacles.ts';

export type Problem = Forecast['problems'][number];

/** What a sentence may call a step: its method, and the titles of its options. */
export interface StepNames {
  readonly title: string;
  readonly options: Readonly<Record<string, string>>;
}

/** Where a path of a problem leads: `steps[5].options.bits` is the option `bits` of step 5. */
export function placeOf(path: string): { step?: number; option?: string } {
  const match = /^steps\[(\d+)\](?:\.options\.(\w+))?/.exec(path);
  return match === null ? {} : { step: Number(match[1]), option: match[2] };
}

/** The sentence of a problem without paths, for the place that the path names. */
export function plainSentence({ path, message }: Problem, steps: readonly StepNames[]): string {
  const own = message.startsWith(`${path}: `) ? message.slice(path.length + 2) : message;
  const text = own.replaceAll(
    /steps\[(\d+)\](?:\.options\.(\w+)|\.target[\w.[\]]*|\.\w+)?/g,
    (found, index: string, option: string | undefined) => {
      const names = steps.at(Number(index));
      if (names === undefined) return found;
      const step = t.stepWithin(Number(index) + 1, names.title);
      if (option !== undefined) return t.optionOf(names.options[option] ?? option, step);
      return found.includes('.target') ? t.optionOf(t.theTarget, step) : step;
    },
  );
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The sentence of a problem for a place far from its step: it says which step it is. */
export function fullSentence(problem: Problem, steps: readonly StepNames[]): string {
  const { step, option } = placeOf(problem.path);
  const names = step === undefined ? undefined : steps.at(step);
  const sentence = plainSentence(problem, steps);
  if (step === undefined || names === undefined) return sentence;
  const words = stepWords(step, names);
  const earlier = problem.before === undefined ? undefined : steps.at(problem.before);
  if (problem.before !== undefined && earlier !== undefined) {
    return t.mustComeFirst(words, t.stepWithin(problem.before + 1, earlier.title));
  }
  return option === undefined
    ? t.inStep(words, sentence)
    : t.inOption(words, names.options[option] ?? option, sentence);
}

function stepWords(index: number, { title }: StepNames): string {
  return t.step(index + 1, title);
}
