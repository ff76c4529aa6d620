import { describe, expect, it } from 'vitest';
import { allMethods, methodById } from '../methods/registry.ts';
import { baselineRecipe, comparedStep } from './baseline.ts';
import { parseRecipe } from './schema.ts';
import { sharedOptions } from './shared-options.ts';

const recipe = parseRecipe({
  version: 1,
  name: 'mine',
  seed: 5,
  calibration: { data: 'sample:stories', samples: 8, length: 64 },
  steps: [
    { method: 'deduplicate' },
    { method: 'gptq', target: { blocks: [1] }, options: { bits: 3, blockSize: 64, damping: 0.05 } },
    { method: 'float16' },
  ],
});

describe('baselineRecipe', () => {
  it('keeps target, shared options, and everything around the step', () => {
    const found = baselineRecipe(recipe, 1);
    expect(found?.steps[1].method).toBe('round-to-nearest');
    expect(found?.steps[1].target).toEqual({ blocks: [1] });
    expect(found?.steps[1].options).toMatchObject({ bits: 3, blockSize: 64 });
    expect(found?.steps[1].options).not.toHaveProperty('damping');
    expect(found?.steps.with(1, recipe.steps[1])).toEqual(recipe.steps);
    expect(found?.calibration).toEqual(recipe.calibration);
    expect([found?.seed, found?.name]).toEqual([5, 'mine, baseline']);
    // A closed document: parsing it again changes nothing.
    expect(parseRecipe(found)).toEqual(found);
  });

  it('is undefined for baselines, and where there is no step', () => {
    expect(baselineRecipe(recipe, 0)).toBeUndefined();
    expect(baselineRecipe(recipe, 2)).toBeUndefined();
    expect(baselineRecipe(recipe, 3)).toBeUndefined();
  });

  it.each(allMethods().flatMap(({ meta }) => (meta.baseline === undefined ? [] : [meta.id])))(
    'can be run for %s',
    (method) => {
      const own = parseRecipe({ version: 1, steps: [{ method }] });
      const found = baselineRecipe(own, 0);
      expect(parseRecipe(found)).toEqual(found);
      expect(found?.steps[0].method).toBe(methodById(method).meta.baseline);
    },
  );
});

describe('comparedStep', () => {
  it('is the last that runs and has a baseline', () => {
    expect(comparedStep(recipe)).toBe(1);
    const off = { ...recipe, steps: recipe.steps.map((step) => ({ ...step, disabled: true })) };
    expect(comparedStep(off)).toBeUndefined();
  });
});

describe('sharedOptions', () => {
  it('leaves out what the baseline does not know and fills in its defaults', () => {
    const nearest = methodById('round-to-nearest');
    const defaults = nearest.meta.options.parse({});
    expect(sharedOptions(nearest, { bits: 2, damping: 1 })).toEqual({ ...defaults, bits: 2 });
  });

  it('leaves the baseline’s default where it does not take a value', () => {
    const nearest = methodById('round-to-nearest');
    const defaults = nearest.meta.options.parse({});
    expect(sharedOptions(nearest, { bits: 3, clip: 'output' })).toEqual({ ...defaults, bits: 3 });
  });
});
