import type { OptionField } from '../../core/methods/options-form.ts';
import type { Calibration, Recipe, Step } from '../../core/recipe/types.ts';
import { compare as t } from '../strings/en-compare.ts';
import { facts } from '../strings/en-recipe.ts';
import { alignSteps } from './align-steps.ts';
import { inEffect, optionValue, type MethodCard, type OptionValue } from './method-card.ts';
import { sameValue } from './same-value.ts';
import { lowered, stepSummary, targetFact } from './step-summary.ts';

/** What of a method the words need; a method that is not known any more has none. */
export type CardOf = (
  method: string,
) => Pick<MethodCard, 'title' | 'fields' | 'decided'> | undefined;

/** Names of the two sides: "A" and "B". */
export type SideNames = readonly [string, string];

/** What differs between two recipes, one sentence each; nothing where they are the same. Names do not count. */
export function recipeChanges(a: Recipe, b: Recipe, sides: SideNames, cardOf: CardOf): string[] {
  const steps = alignSteps(a.steps, b.steps).flatMap((at): string[] => {
    if (at.b === undefined)
      return at.a === undefined ? [] : [onlyLine(a.steps, at.a, sides[0], cardOf)];
    if (at.a === undefined) return [onlyLine(b.steps, at.b, sides[1], cardOf)];
    return changedLine([a.steps[at.a], b.steps[at.b]], [at.a, at.b], cardOf);
  });
  return [
    ...steps,
    ...calibrationLine(a.calibration, b.calibration),
    ...(a.seed === b.seed ? [] : [t.seed(a.seed, b.seed)]),
  ];
}

function onlyLine(steps: readonly Step[], at: number, side: string, cardOf: CardOf): string {
  const step = steps[at];
  const card = cardOf(step.method);
  const head = t.only(t.step(at + 1, card?.title ?? step.method), side);
  const summary = card && stepSummary(card, step);
  const off = step.disabled === true ? ` (${t.switchedOff})` : '';
  return `${head}${off}${summary === undefined || summary === '' ? '' : `, ${summary}`}`;
}

function changedLine(
  [a, b]: readonly [Step, Step],
  places: readonly number[],
  cardOf: CardOf,
): string[] {
  const card = cardOf(b.method);
  const title = card?.title ?? b.method;
  const changes = [...switched(a, b), ...optionChanges(a, b, card), ...targetChange(a, b)];
  const [from, to] = places.map((place) => place + 1);
  const head = from === to ? t.step(to, title) : t.stepMoved(from, to, title);
  return changes.length === 0 ? [] : [`${head}: ${changes.join('; ')}`];
}

function switched({ disabled: a = false }: Step, { disabled: b = false }: Step): string[] {
  return a === b ? [] : [b ? t.switchedOff : t.arrow(t.switchedOff, t.on)];
}

function targetChange(a: Step, b: Step): string[] {
  if (sameValue(a.target, b.target)) return [];
  const [from, to] = [a.target, b.target].map((target) => targetFact(target) || facts.targets.all);
  // Other layers of the same number read alike.
  return from === to ? [t.differs(lowered(t.layer))] : [t.arrow(from, to)];
}

function optionChanges(a: Step, b: Step, card: ReturnType<CardOf>): string[] {
  const fields = card?.fields ?? [];
  const known = new Set(fields.map(({ name }) => name));
  const others = [...new Set([...Object.keys(a.options), ...Object.keys(b.options)])].filter(
    (name) => !known.has(name) && !sameValue(a.options[name], b.options[name]),
  );
  const titles = new Map(card?.decided.map(({ name, title }) => [name, lowered(title)]));
  return [
    ...fields.flatMap((field) => fieldChange(field, a.options, b.options, fields)),
    ...others.map((name) => t.differs(titles.get(name) ?? name)),
  ];
}

function fieldChange(
  field: OptionField,
  a: Step['options'],
  b: Step['options'],
  fields: readonly OptionField[],
): string[] {
  const [from, to] = [a, b].map((options) =>
    inEffect(options, field, fields) ? optionValue(options, field) : undefined,
  );
  if (from === to) return [];
  return [`${lowered(field.title)} ${t.arrow(valueWords(field, from), valueWords(field, to))}`];
}

function valueWords({ title, unit }: OptionField, value: OptionValue | undefined): string {
  if (value === undefined || value === '') return t.none;
  if (typeof value === 'boolean') return value ? t.on : t.off;
  return unit === undefined || lowered(title) === unit || typeof value !== 'number'
    ? String(value)
    : `${value} ${unit}`;
}

function calibrationLine(a: Calibration | undefined, b: Calibration | undefined): string[] {
  if (sameValue(a, b)) return [];
  const keys = ['data', 'samples', 'length'] as const;
  const changes = keys
    .filter((key) => a?.[key] !== b?.[key])
    .map((key) => `${t.calibration[key]} ${t.arrow(said(a?.[key]), said(b?.[key]))}`);
  return [`${t.calibration.title}: ${changes.join('; ')}`];
}

function said(value: string | number | undefined): string {
  return value === undefined ? t.none : String(value);
}
