import type { OptionField } from '../../core/methods/options-form.ts';
import type { Recipe } from '../../core/recipe/types.ts';
import type { MethodCard } from './method-card.ts';

/** A value of an option, and the recipe with it. */
export interface Position {
  readonly value: number | string;
  readonly recipe: Recipe;
}

/** The positions of an option that go with the step's other options, from small to large. */
export function positionsOf(
  recipe: Recipe,
  index: number,
  card: Pick<MethodCard, 'options'>,
  { name, choices = [] }: Pick<OptionField, 'name' | 'choices'>,
): readonly Position[] {
  const step = recipe.steps.at(index);
  if (step === undefined) return [];
  // A recipe with another option is no longer the preset it was taken from.
  const { version, seed, calibration } = recipe;
  const unnamed = { version, seed, ...(calibration && { calibration }) };
  const ascending = [...choices].sort((a, b) => Number(a) - Number(b));
  return ascending.flatMap((value) => {
    // As a trial keeps it: what is usual stays unsaid.
    const options = card.options.safeParse({ ...step.options, [name]: value }).data;
    if (options === undefined) return [];
    return [
      { value, recipe: { ...unnamed, steps: recipe.steps.with(index, { ...step, options }) } },
    ];
  });
}
