import { expect, it } from 'vitest';
import { parseRecipe } from '../../core/recipe/schema.ts';
import { sameBench } from './bench.ts';

const recipe = parseRecipe({
  version: 1,
  name: 'mine',
  steps: [{ method: 'gptq', options: { bits: 4, blockSize: 32 } }],
});

it('knows the same recipe under another name, in another order of options, with a step switched off', () => {
  const [step] = recipe.steps;
  const options = Object.fromEntries(Object.entries(step.options).reverse());
  const off = { ...step, method: 'float16', disabled: true };
  expect(sameBench(recipe, { ...recipe, name: 'yours', steps: [{ ...step, options }, off] })).toBe(
    true,
  );
});

it('tells another seed, option or target', () => {
  const [step] = recipe.steps;
  const change = (more: object) => ({ ...recipe, steps: [{ ...step, ...more }] });
  expect(sameBench(recipe, { ...recipe, seed: 7 })).toBe(false);
  expect(sameBench(recipe, change({ options: { ...step.options, bits: 3 } }))).toBe(false);
  expect(sameBench(recipe, change({ target: { tensors: ['a'] } }))).toBe(false);
});
