import { describe, expect, it } from 'vitest';
import { trainingOf } from '../../../../../../test/support/methods.ts';
import { exportedModels } from '../../../../../../test/fixtures/exports.ts';
import { layoutFixtures } from '../../../../../../test/fixtures/layouts/all.ts';
import { feedsOf } from '../../../../../../test/support/layout-feeds.ts';
import { distance, runModel } from '../../../../../../test/support/run-model.ts';
import { storiesModel } from '../../../../../../test/support/stories.ts';
import { recognise } from '../../../../anatomy/recognise.ts';
import type { Anatomy } from '../../../../anatomy/types.ts';
import { sizeOf } from '../../../../onnx/size.ts';
import type { Model } from '../../../../onnx/types.ts';
import { seededRandom } from '../../../../random/seeded.ts';
import { poseProblem } from '../../../../training/problem.ts';
import { buildTrainingGraph } from '../../../../training/training-graph.ts';
import { DEFAULT_ADAMW } from '../../../../training/adamw.ts';
import { distill } from '../distill.ts';
import { meta, type DistillOptions } from '../meta.ts';
import { freshStudent, freshWeights } from './build.ts';
import { freshSizes } from './sizes.ts';

const { model, anatomy } = storiesModel();
const all = [...layoutFixtures, ...exportedModels];

async function named(name: string) {
  const found = all.find((one) => one.name === name);
  if (found === undefined) throw new Error(`No model is called ${name}.`);
  const teacher = await found.model();
  return { teacher, anatomy: recognise(teacher), feeds: feedsOf(teacher, found.feeds) };
}

function prepare(options: Partial<DistillOptions>, seed = 1) {
  const parsed = meta.options.parse({ student: 'fresh', ...options });
  return trainingOf(distill, model, anatomy.layers, parsed, { anatomy, seed });
}

function fresh(teacher: Model, found: Anatomy, blocks = 1, width = 0.5, seed = 1) {
  return freshStudent(teacher, found, { blocks, width }, seededRandom(seed));
}

describe('sizes', () => {
  it.each([
    [0.5, { heads: 4, keyValueHeads: 2, hiddenSize: 32, feedForwardWidth: 86 }],
    [0.75, { heads: 6, keyValueHeads: 3, hiddenSize: 48, feedForwardWidth: 129 }],
    [0.6, { heads: 5, keyValueHeads: 1, hiddenSize: 40, feedForwardWidth: 108 }],
    [0.01, { heads: 1, keyValueHeads: 1, hiddenSize: 8, feedForwardWidth: 22 }],
    [1, { heads: 8, keyValueHeads: 4, hiddenSize: 64, feedForwardWidth: 172 }],
  ])('width %d of the stories model', (width, expected) => {
    expect(freshSizes(anatomy, 2, width)).toEqual({ blocks: 2, headSize: 8, ...expected });
  });

  it('are needed', () => {
    const blocks = anatomy.blocks.map((block) => ({ ...block, headSize: undefined }));
    expect(() => freshSizes({ ...anatomy, blocks }, 1, 0.5)).toThrow(
      'A fresh student needs to know the sizes of its teacher, and "headSize" could not be found in this model; use a shallow student.',
    );
  });
});

const LAYOUTS = [
  'llama halves, opset 13',
  'llama pairs, RotaryEmbedding',
  'bert plain, opset 13',
  'bert fused, MultiHeadAttention',
  'vit fused',
  'BERT builder, mean',
  'ViT builder',
  'stories260K',
];

describe.each(LAYOUTS)('a fresh student of %s', (name) => {
  it('is recognised with its sizes, and reads and delivers what its teacher does', async () => {
    const { teacher, anatomy: found, feeds } = await named(name);
    const student = await fresh(teacher, found, 1, 0.5);
    const { inputs, outputs } = student.graph;
    expect({ inputs, outputs }).toEqual({
      inputs: teacher.graph.inputs,
      outputs: teacher.graph.outputs,
    });
    const own = recognise(student);
    const sizes = freshSizes(found, 1, 0.5);
    expect(own.layout).toBe(found.layout);
    expect(own).toMatchObject({ hiddenSize: sizes.hiddenSize, tiedHead: found.tiedHead });
    expect(own.vocabularySize).toBe(found.vocabularySize);
    expect(own.blocks).toHaveLength(1);
    const { heads, keyValueHeads, headSize, feedForwardWidth } = sizes;
    expect(own.blocks[0]).toMatchObject({ heads, keyValueHeads, headSize, feedForwardWidth });
    const [before, after] = [await runModel(teacher, feeds), await runModel(student, feeds)];
    const [{ name: scores }] = outputs;
    expect(after.get(scores)?.dims).toEqual(before.get(scores)?.dims);
    expect(distance(after.get(scores), before.get(scores))).toBeGreaterThan(0);
  });
});

describe('a fresh student', () => {
  it('is the same for the same seed, another for another', async () => {
    const first = async (seed: number) => {
      const { graph } = await fresh(model, anatomy, 2, 0.5, seed);
      return graph.initializers.find(({ name }) => name.includes('q_proj'))?.data.readSync?.();
    };
    expect(await first(1)).toEqual(await first(1));
    expect(await first(1)).not.toEqual(await first(2));
  });

  it('is trained as a whole, its tables and constants left alone', async () => {
    const student = await fresh(model, anatomy, 2);
    const found = recognise(student);
    const names = new Set(freshWeights(student));
    for (const { weight } of found.layers) expect(names).toContain(weight);
    const left = student.graph.initializers.filter(({ name }) => !names.has(name));
    expect(left.every(({ name }) => /^constant_|rotary_emb/.test(name))).toBe(true);
    // One embedding (the head is tied), per block seven matrices and two norms, one norm at the end.
    expect(names.size).toBe(1 + 2 * 9 + 1);
  });

  it('has angles beyond any table where its teacher computes them', async () => {
    const { teacher, anatomy: found } = await named('llama halves, opset 13');
    const { graph } = await fresh(teacher, found);
    expect(graph.nodes.some(({ opType }) => opType === 'Cos')).toBe(true);
    expect(graph.initializers.some(({ name }) => name.endsWith('cos_cached'))).toBe(false);
  });

  it('is compared through a matrix per pair, which is gone afterwards', async () => {
    const setup = await prepare({ ratio: 0.4, hidden: 1, relations: 1 });
    const projections = setup.trainable.filter((name) => name.includes('projection'));
    expect(projections).toHaveLength(2);
    const [, hidden] = setup.objective;
    expect(hidden).toMatchObject({
      pairs: [1, 4].map((block, at) => ({
        teacher: anatomy.blocks[block].output,
        projection: projections[at],
      })),
    });
    const tensors = setup.student.graph.initializers;
    for (const name of projections) {
      expect(tensors.find((tensor) => tensor.name === name)?.dims).toEqual([32, 64]);
    }
    const { input } = poseProblem({ ...setup, shape: { batch: 1, length: 6 } });
    expect(input.layout.parameters.map(({ name }) => name)).toEqual(
      expect.arrayContaining(projections),
    );
    expect(() => buildTrainingGraph(input, DEFAULT_ADAMW)).not.toThrow();
    const finished = await setup.filled(setup.student);
    expect(sizeOf(finished)).toEqual(sizeOf(setup.plan.model));
    expect(finished.graph.initializers.some(({ name }) => name.includes('projection'))).toBe(false);
  });

  it('of all blocks and all the width has as many heads, and needs no matrices', async () => {
    const setup = await prepare({ ratio: 1, width: 1, hidden: 1, attention: 1 });
    expect(setup.trainable.some((name) => name.includes('projection'))).toBe(false);
    const { input } = poseProblem({ ...setup, shape: { batch: 1, length: 6 } });
    expect(input.losses).toHaveLength(1 + 5 + 5);
  });
});

describe('what is refused', () => {
  it('attention maps of other heads', async () => {
    const setup = await prepare({ attention: 1 });
    expect(() => poseProblem({ ...setup, shape: { batch: 1, length: 6 } })).toThrow(
      'Block 0 of the student has 4 attention heads and block 0 of the teacher 8, so their attention maps cannot be compared head by head; give the relations a weight instead, which need no equal heads.',
    );
  });

  it.each([
    ['gpt2 plain, opset 11', 'GPT-2-like'],
    ['bert words', 'BERT-like'],
    ['vision transformer (PyTorch export)', 'ViT-like'],
  ])('a layout nothing builds: %s', async (name, layout) => {
    const { teacher, anatomy: found } = await named(name);
    await expect(fresh(teacher, found)).rejects.toThrow(
      `A fresh student can be built for Llama-like language models and for BERT-like and ViT-like classifiers, and this model (${layout}) is none in a form that is known; use a shallow student.`,
    );
  });

  it('a cache, and what else is delivered', async () => {
    const { teacher, anatomy: found } = await named('llama halves, GroupQueryAttention');
    await expect(fresh(teacher, found)).rejects.toThrow(
      'The model takes "past_key_values", which a fresh student would not know how to use; export the model without it (and without a cache), or use a shallow student.',
    );
    const more = { ...model.graph.outputs[0], name: 'present' };
    const graph = { ...model.graph, outputs: [...model.graph.outputs, more] };
    await expect(fresh({ ...model, graph }, anatomy)).rejects.toThrow(
      'A fresh student delivers float32 scores and nothing else, and this model also delivers "present"; export the model without it, or use a shallow student.',
    );
  });

  it('angles that are stored nowhere', async () => {
    const initializers = model.graph.initializers.filter(({ name }) => !/rotary/.test(name));
    await expect(
      fresh({ ...model, graph: { ...model.graph, initializers } }, anatomy),
    ).rejects.toThrow(
      'The angles by which this model turns queries and keys are stored in no table that could be read, and a fresh student needs them; use a shallow student.',
    );
  });
});
