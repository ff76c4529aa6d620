import { describe, expect, it } from 'vitest';
import { trainingOf } from '../../../../../test/support/methods.ts';
import { storiesModel } from '../../../../../test/support/stories.ts';
import type { Model } from '../../../onnx/types.ts';
import { poseProblem } from '../../../training/problem.ts';
import { distill } from './distill.ts';
import { meta, type DistillOptions } from './meta.ts';

const { model, anatomy } = storiesModel();

function prepare(options: Partial<DistillOptions>, student = model) {
  const parsed = meta.options.parse(options);
  return trainingOf(distill, student, anatomy.layers, parsed, { anatomy, original: model });
}

async function losses(options: Partial<DistillOptions>, student?: Model) {
  const setup = await prepare({ logits: 0, ...options }, student);
  const { input } = poseProblem({ ...setup, shape: { batch: 1, length: 6 } });
  return input.losses.map(({ name, weight }) => [name, weight] as const);
}

/** The same graph with its blocks' softmaxes under another name of operator: nobody knows them. */
function withoutSoftmax(block: number): Model {
  const inside = new Set(anatomy.blocks[block].nodes);
  const nodes = model.graph.nodes.map((node, at) =>
    inside.has(at) && node.opType === 'Softmax'
      ? { ...node, opType: 'Relu', attributes: [] }
      : node,
  );
  return { ...model, graph: { ...model.graph, nodes } };
}

describe('what a student is compared by', () => {
  it('attention maps of all mapped blocks, weighing as much as was asked for', async () => {
    const found = await losses({ student: 'shallow', keep: 'last', attention: 3 });
    expect(found).toEqual([0, 1, 2].map((at) => [`attention ${at}`, 1]));
  });

  it('relations of the last mapped block, a third each for queries, keys and values', async () => {
    const found = await losses({ student: 'shallow', keep: 'every', relations: 0.3 });
    expect(found.map(([name]) => name)).toEqual(
      ['query', 'key', 'value'].map((part) => `relations 0 ${part}`),
    );
    for (const [, weight] of found) expect(weight).toBeCloseTo(0.1, 12);
  });

  it('in a model that lost blocks before, the ones that are left', async () => {
    const { student } = await prepare({ student: 'shallow', keep: 'custom', blocks: '1, 4' });
    const { objective } = await prepare({ logits: 0, hidden: 1, attention: 1 }, student);
    const outputs = [1, 4].map((index) => anatomy.blocks[index].output);
    expect(objective[0]).toMatchObject({ pairs: outputs.map((o) => ({ student: o, teacher: o })) });
    expect(objective[1]).toMatchObject({
      pairs: [1, 4].map((index, at) => ({ student: { index: at }, teacher: { index } })),
    });
  });
});

describe('what is refused', () => {
  it('a block without an attention map', async () => {
    const odd = withoutSoftmax(2);
    const sentence =
      'No softmax whose rows are multiplied with values was found in block 2 of the student, so its attention cannot be compared; set the weights of the attention maps and the relations to 0.';
    await expect(losses({ attention: 1 }, odd)).rejects.toThrow(sentence);
    expect(await losses({ relations: 1 }, odd)).toHaveLength(3);
    await expect(losses({ relations: 1 }, withoutSoftmax(4))).rejects.toThrow(
      sentence.replace('block 2', 'block 4'),
    );
  });
});
