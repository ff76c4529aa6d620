import { beforeAll, describe, expect, it } from 'vitest';
import { FEW, recipe, sampleModel } from '../../test/support/sample.ts';
import { plannedData } from '../core/onnx/tensor-data.ts';
import type { Model } from '../core/onnx/types.ts';
import { planRecipe } from '../core/recipe/plan.ts';
import type { Plan } from '../core/recipe/plan-types.ts';
import type { Recipe } from '../core/recipe/types.ts';
import { assertMemory, measuringRefusal, memoryNeeds, peakMemory } from './memory.ts';
import { openModel, type OpenModel } from './model/open.ts';

let stories: OpenModel;
beforeAll(async () => {
  stories = await openModel(await sampleModel('stories'));
});

const plan = (...steps: unknown[]) => planRecipe(stories.model, stories.anatomy, recipe(...steps));

/** The same graph with one more weight of this many bytes, none of which exist. */
function withWeight(model: Model, bytes: number): Model {
  const extra = { name: 'extra', dataType: 2, dims: [bytes], data: plannedData(bytes) };
  return {
    ...model,
    graph: { ...model.graph, initializers: [...model.graph.initializers, extra] },
  };
}

function larger(given: Plan, bytes: number): [OpenModel, Plan] {
  return [
    { ...stories, model: withWeight(stories.model, bytes) },
    { ...given, model: withWeight(given.model, bytes / 4) },
  ];
}

describe('the memory forecast', () => {
  it('counts both sessions, 3.9 bytes per byte of a small model', async () => {
    const rounded = await plan({ method: 'round-to-nearest' });
    const { measuring, looking } = memoryNeeds(stories, rounded);
    const weights = (model: Model) =>
      model.graph.initializers.reduce((sum, { data }) => sum + data.byteLength, 0);
    const logits = 2 * 512 * 512 * 4;
    const both = 3.9 * (weights(stories.model) + weights(rounded.model)) + logits;
    expect(measuring).toBeCloseTo(both, 3);
    expect(looking).toBe(0);
    expect(peakMemory(stories, rounded)).toBeGreaterThan(measuring);
    expect(peakMemory(stories, rounded, measuring - 1)).toBeLessThan(measuring);
  });

  it('adds second moments, and the activations that a walk through the model keeps', async () => {
    const long = { data: 'sample:stories', samples: 1000, length: 512 };
    const working = async (method: string, calibration: Recipe['calibration']) => {
      const wanted = { ...recipe({ method }), calibration };
      const planned = await planRecipe(stories.model, stories.anatomy, wanted);
      return memoryNeeds(stories, planned).working;
    };
    // The widest layers read 172 features; three values of 1000 · 512 rows are kept.
    const kept = 1000 * 512 * 172 * 3 * 4;
    expect(await working('gptq', long)).toBeGreaterThan(kept);
    // With the float path beside.
    expect(await working('qronos', long)).toBeGreaterThan(2 * kept);
    expect(await working('round-to-nearest', long)).toBe(await working('round-to-nearest', FEW));
  });

  it('says why what does not fit cannot be measured, and what would', async () => {
    const given = await plan({ method: 'round-to-nearest' });
    const [open, large] = larger(given, 4e9);
    expect(measuringRefusal(open, large, 2 ** 32)).toBe(
      'Measuring "stories" beside its compressed form takes about 7.5 GB and this device ends at 4.3 GB; with this recipe a model of at most 2.3 GB of weights would fit, and headless "lathe compress --runtime node" has no such limit.',
    );
    expect(measuringRefusal(open, large, 8e9)).toBeUndefined();
    expect(measuringRefusal(stories, given, 2 ** 32)).toBeUndefined();
    // Rounding runs nothing, so it takes any model.
    expect(() => assertMemory(open, large, 1)).not.toThrow();
  });

  it('refuses to look at calibration where even one part of the model does not fit', async () => {
    const [open, large] = larger(await plan({ method: 'gptq' }), 4e9);
    expect(() => assertMemory(open, large, 2 ** 32)).toThrow(
      'Looking at calibration runs "stories" part by part, and the part with "extra" (4.0 GB) takes about 6.0 GB, but this device ends at 4.3 GB; a tensor of at most 2.9 GB would fit, methods that need no calibration take any, and headless "lathe compress --runtime node" has no such limit.',
    );
    const [fits, parts] = larger(await plan({ method: 'gptq' }), 2.5e9);
    expect(() => assertMemory(fits, parts, 2 ** 32)).not.toThrow();
  });
});
