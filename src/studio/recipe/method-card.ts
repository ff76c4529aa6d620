import { create } from 'zustand';
import type { MethodMeta } from '../../core/methods/contract.ts';
import type { DecidedOption, OptionField } from '../../core/methods/options-form.ts';
import type { Recipe } from '../../core/recipe/types.ts';

export type OptionValue = string | number | boolean;

/** What the page knows of a method: what it says of itself, its options as a form. */
export interface MethodCard extends MethodMeta {
  readonly fields: readonly OptionField[];
  /** Options that a run decides and writes; another choice of anything else makes them void. */
  readonly decided: readonly DecidedOption[];
}

/** A ready recipe with the name transformers.js knows it by. */
export interface PresetCard {
  readonly id: string;
  readonly title: string;
  readonly plain: string;
  readonly recipe: Recipe;
  /** One of the three a beginner is shown first. */
  readonly first: boolean;
}

interface Catalog {
  readonly cards: readonly MethodCard[];
  readonly presets: readonly PresetCard[];
}

/** Filled once, before the editor renders. */
export const useCatalog = create<Catalog>()(() => ({ cards: [], presets: [] }));

export function methodCard(id: string): MethodCard | undefined {
  return useCatalog.getState().cards.find((card) => card.id === id);
}

/** What a new step says: every default but those that stay unsaid in a recipe. */
export function defaultOptions(card: MethodCard): Record<string, OptionValue> {
  const defaults = card.fields.flatMap((field): [string, OptionValue][] =>
    field.default === undefined ? [] : [[field.name, field.default]],
  );
  const read = card.options.safeParse(Object.fromEntries(defaults)).data;
  return Object.fromEntries(
    defaults.filter(([name]) => read === undefined || read[name] !== undefined),
  );
}

/** The value in force: what the step says, else the default, else the first choice; empty where nothing was said yet. */
export function optionValue(
  options: Readonly<Record<string, unknown>>,
  field: OptionField,
): OptionValue {
  const value = options[field.name];
  if (typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean') {
    return value;
  }
  return field.default ?? field.choices?.[0] ?? '';
}

/** Whether an option has any effect beside the other ones, which may have none themselves. */
export function inEffect(
  options: Readonly<Record<string, unknown>>,
  field: OptionField,
  fields: readonly OptionField[],
): boolean {
  const { when } = field;
  if (when === undefined) return true;
  const other = fields.find(({ name }) => name === when.option);
  if (other === undefined) return true;
  return when.in.includes(optionValue(options, other)) && inEffect(options, other, fields);
}
