import type { OptionField } from '../../core/methods/options-form.ts';
import type { EditableStep } from '../state/recipe-store.ts';
import type { MethodCard, OptionValue } from './method-card.ts';
import { placeOf, type Problem } from './problem-words.ts';

/** A change of the recipe that takes a problem away. */
export type Mend =
  | { readonly kind: 'move'; readonly key: string; readonly by: number }
  | {
      readonly kind: 'set';
      readonly key: string;
      readonly option: string;
      readonly title: string;
      readonly value: OptionValue;
    }
  | { readonly kind: 'drop'; readonly key: string; readonly option: string }
  | { readonly kind: 'remove'; readonly key: string }
  | { readonly kind: 'disable'; readonly key: string }
  | { readonly kind: 'enable'; readonly key: string };

type Step = Pick<EditableStep, 'key' | 'method' | 'options' | 'disabled'>;
type CardOf = (method: string) => Pick<MethodCard, 'fields' | 'decided'> | undefined;

/**
 * What would mend a problem, as far as its kind alone tells: a step that came too late moves, an option outside its
 * range takes the nearest value inside, one that is unknown goes. Any other step can only be left out, as long as
 * another one stays.
 */
export function mendOf(problem: Problem, steps: readonly Step[], cardOf: CardOf): Mend | undefined {
  const { step: index, option } = placeOf(problem.path);
  const step = index === undefined ? undefined : steps.at(index);
  if (index === undefined || step === undefined) return undefined;
  const { key } = step;
  if (problem.before !== undefined) return { kind: 'move', key, by: problem.before - index };
  const card = cardOf(step.method);
  if (card === undefined) return steps.length > 1 ? { kind: 'remove', key } : undefined;
  if (option !== undefined) return mendOption(step, option, card) ?? leftOut(step, steps);
  return leftOut(step, steps);
}

function mendOption(step: Step, option: string, card: NonNullable<ReturnType<CardOf>>) {
  const { key } = step;
  const field = card.fields.find(({ name }) => name === option);
  if (field === undefined) return { kind: 'drop', key, option } as const;
  const value = nearestValid(field, step.options[option]);
  if (value === undefined || value === step.options[option]) return undefined;
  return { kind: 'set', key, option, title: field.title, value } as const;
}

function leftOut({ key }: Step, steps: readonly Step[]): Mend | undefined {
  const others = steps.filter((other) => other.key !== key && other.disabled !== true);
  return others.length > 0 ? { kind: 'disable', key } : undefined;
}

/** The value that an option may take nearest to one that it may not; undefined when there is none to tell. */
export function nearestValid(field: OptionField, value: unknown): OptionValue | undefined {
  const { kind, choices } = field;
  if (choices !== undefined) return nearestChoice(choices, value) ?? field.default ?? choices[0];
  if (kind !== 'number' && kind !== 'integer') return field.default;
  if (typeof value !== 'number' || !Number.isFinite(value)) return field.default;
  const { minimum = -Infinity, maximum = Infinity } = field;
  const rounded = kind === 'integer' ? Math.round(value) : value;
  return Math.min(maximum, Math.max(minimum, rounded));
}

function nearestChoice(choices: readonly (number | string)[], value: unknown) {
  if (typeof value !== 'number') return undefined;
  const numbers = choices.filter((choice) => typeof choice === 'number');
  const distance = (choice: number): number => Math.abs(choice - value);
  return numbers.sort((a, b) => distance(a) - distance(b)).at(0);
}
