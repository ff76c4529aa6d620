import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parseRecipe } from '../../src/core/recipe/schema.ts';

it('the recipe in docs/recipes.md is one, and says what its defaults are', () => {
  const text = readFileSync(new URL('../../docs/recipes.md', import.meta.url), 'utf8');
  const written: unknown = JSON.parse(/```json\n([\s\S]*?)```/.exec(text)?.[1] ?? '');
  const recipe = parseRecipe(written);
  expect(recipe.steps.map(({ method }) => method)).toEqual(['wanda', 'gptq']);
  const { name, version, steps } = recipe;
  const bare = parseRecipe({ version, name, steps, calibration: { data: 'sample:stories' } });
  expect(bare).toEqual(recipe);
});
