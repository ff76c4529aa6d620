import { describe, expect, it } from 'vitest';
import { recipe, sampleModel } from '../../../test/support/sample.ts';
import type { Model } from '../../core/onnx/types.ts';
import { planRecipe } from '../../core/recipe/plan.ts';
import { openModel, type OpenModel } from '../model/open.ts';
import { forecastTraining } from './forecast.ts';
import { assertTrainingMemory, trainingMemory } from './memory.ts';
import { graphOf } from './pose.ts';

const stories = await openModel(await sampleModel('stories'));

async function planned(options: object, open: OpenModel = stories) {
  return planRecipe(open.model, open.anatomy, recipe({ method: 'fine-tune', options }));
}

async function graphFor(batch: number, length: number): Promise<Model> {
  const plan = await planned({});
  const [{ work, ground }] = plan.steps;
  if (work[0].kind !== 'train') throw new Error('Fine-tuning trains.');
  const setup = await work[0].setup(ground, {});
  return graphOf(setup, { batch, length }).graph;
}

/** The model as exported for one sequence at a time. */
function withFixedBatch({ graph, ...rest }: Model): Model {
  const inputs = graph.inputs.map((input) => {
    const [, ...others] = input.type?.dims ?? [];
    return { ...input, type: input.type && { ...input.type, dims: [{ value: 1 }, ...others] } };
  });
  return { ...rest, graph: { ...graph, inputs } };
}

describe('memory of a training', () => {
  it('grows with the tokens of a batch, from what the weights and their moments take', async () => {
    const [one, two, four] = [
      trainingMemory(await graphFor(1, 32)),
      trainingMemory(await graphFor(2, 32)),
      trainingMemory(await graphFor(4, 32)),
    ];
    expect((four - two) / (two - one)).toBeCloseTo(2, 0);
    expect(one).toBeGreaterThan(7 * stories.bytes);
  });

  it('is refused where it does not fit', async () => {
    const graph = await graphFor(4, 32);
    const shape = { batch: 4, length: 32 };
    expect(() => assertTrainingMemory('stories', graph, shape, 2 ** 32)).not.toThrow();
    const needed = `${(trainingMemory(graph) / 1e9).toFixed(1)} GB`;
    expect(() => assertTrainingMemory('stories', graph, shape, 1e6)).toThrow(
      `Training "stories" on batches of 4 × 32 tokens takes about ${needed} and this device ends at 0.0 GB; choose a smaller batch size with more batches per step, shorter sequences (calibration.length), or headless "lathe train --runtime node", which has no such limit.`,
    );
    expect(() => assertTrainingMemory('pictures', graph, { batch: 4 }, 1e6)).toThrow(
      `Training "pictures" on batches of 4 examples takes about ${needed} and this device ends at 0.0 GB; choose a smaller batch size with more batches per step, or headless "lathe train --runtime node", which has no such limit.`,
    );
  });
});

describe('the forecast of a training', () => {
  it('is nothing when nothing is trained', async () => {
    const plan = await planRecipe(
      stories.model,
      stories.anatomy,
      recipe({ method: 'round-to-nearest' }),
    );
    expect(await forecastTraining(stories, plan)).toEqual({ peak: 0, problems: [] });
  });

  it('follows the batch size', async () => {
    const [small, large] = [
      await forecastTraining(stories, await planned({ batchSize: 2 })),
      await forecastTraining(stories, await planned({ batchSize: 8 })),
    ];
    expect(small.problems).toEqual([]);
    expect(large.peak).toBeGreaterThan(1.5 * small.peak);
  });

  it('says nothing more of a step that is refused already', async () => {
    const steps = recipe({ method: 'lora', options: { rank: 512 } });
    const plan = await planRecipe(stories.model, stories.anatomy, steps);
    expect(plan.problems).toHaveLength(1);
    expect(await forecastTraining(stories, plan)).toEqual({ peak: 0, problems: [] });
  });

  it('tells what stands in the way before there is data', async () => {
    const fixed = { ...stories, model: withFixedBatch(stories.model) };
    const { problems } = await forecastTraining(fixed, await planned({ batchSize: 2 }, fixed));
    expect(problems).toEqual([
      {
        path: 'steps[0]',
        message: `The model's input "input_ids" is fixed to 1 example per batch, and the training was asked to use 2; set it to 1, or export the model with a dynamic size.`,
      },
    ]);
  });
});
