import { describe, expect, it } from 'vitest';
import { trainingOf } from '../../../../../test/support/methods.ts';
import { distance, longs, runModel } from '../../../../../test/support/run-model.ts';
import { storiesModel } from '../../../../../test/support/stories.ts';
import { recognise } from '../../../anatomy/recognise.ts';
import { distill } from './distill.ts';
import { keptBlocks } from './mapping.ts';
import { meta, type DistillOptions } from './meta.ts';
import { blockPairs } from './pairs.ts';
import { withoutBlocks } from './shallow.ts';

const { model, anatomy } = storiesModel();

function prepare(options: Partial<DistillOptions>) {
  return trainingOf(distill, model, anatomy.layers, meta.options.parse(options), { anatomy });
}

describe('blockPairs', () => {
  const whole = { graph: model.graph, anatomy };

  it('puts each block of the student beside the one it stands for', () => {
    const shallow = { graph: withoutBlocks(model, anatomy, [1, 3]).graph, anatomy };
    const pairs = blockPairs(shallow, whole, [1, 3]);
    expect(pairs.map(({ student, teacher }) => [student.output, teacher.output])).toEqual(
      [1, 3].map((index) => [anatomy.blocks[index].output, anatomy.blocks[index].output]),
    );
  });

  it('needs one for each', () => {
    expect(() => blockPairs(whole, whole, [0])).toThrow(
      'The student has 5 blocks, and 1 were to stand for blocks of the teacher, which has 5; set the weights of the hidden states, the attention maps and the relations to 0.',
    );
  });
});

describe('keptBlocks', () => {
  const all = { ratio: 0.5, blocks: '' };
  it.each([
    ['every', 6, [1, 3, 5]],
    ['every', 5, [0, 2, 4]],
    ['first', 6, [0, 1, 2]],
    ['last', 6, [3, 4, 5]],
    ['every', 1, [0]],
  ] as const)('%s of %i blocks', (keep, depth, expected) => {
    expect(keptBlocks(depth, { ...all, keep })).toEqual(expected);
  });

  it('takes a list, in any order, and says what is wrong with one', () => {
    expect(keptBlocks(5, { ...all, keep: 'custom', blocks: '4, 0' })).toEqual([0, 4]);
    const every = { ...all, keep: 'custom', blocks: '0,1,2,3,4' } as const;
    expect(keptBlocks(5, { ...every, student: 'fresh' })).toEqual([0, 1, 2, 3, 4]);
    for (const blocks of ['', '0,0', '5', '0,1,2,3,4']) {
      expect(() => keptBlocks(5, { ...all, keep: 'custom', blocks })).toThrow(
        `The list of blocks "${blocks}" does not name some of the model's 5 blocks, each once; write numbers from 0 to 4, such as "0, 4".`,
      );
    }
  });
});

describe('a shallow student', () => {
  it('is recognised with the blocks that were kept, their weights untouched', () => {
    const student = withoutBlocks(model, anatomy, [0, 4]);
    const found = recognise(student);
    expect(found.blocks).toHaveLength(2);
    expect(found.layers).toHaveLength(2 * 7 + 2);
    const before = new Map(model.graph.initializers.map((tensor) => [tensor.name, tensor]));
    for (const tensor of student.graph.initializers) expect(before.get(tensor.name)).toBe(tensor);
  });

  it('computes what the chain of kept blocks computes', async () => {
    const feeds = { input_ids: longs([1, 6], [1, 403, 407, 261, 378, 57]) };
    const whole = await runModel(withoutBlocks(model, anatomy, [0, 1, 2, 3, 4]), feeds);
    expect(distance(whole.get('logits'), (await runModel(model, feeds)).get('logits'))).toBe(0);
    const less = await runModel(withoutBlocks(model, anatomy, [0, 2]), feeds);
    expect(distance(less.get('logits'), whole.get('logits'))).toBeGreaterThan(0.1);
  });

  it('needs blocks', () => {
    expect(() => withoutBlocks(model, { ...anatomy, blocks: [] }, [0])).toThrow(
      'No transformer blocks were recognised in this model, so there are none to leave out; distill into the compressed model instead.',
    );
  });
});

describe('distill', () => {
  it('maps each kept block to the block it was copied from', async () => {
    const { objective } = await prepare({ student: 'shallow', keep: 'last', hidden: 1 });
    const term = objective.find(({ kind }) => kind === 'hidden');
    const outputs = [2, 3, 4].map((index) => anatomy.blocks[index].output);
    expect(term).toMatchObject({ pairs: outputs.map((o) => ({ student: o, teacher: o })) });
  });

  it('refuses an objective of nothing', async () => {
    await expect(prepare({ logits: 0 })).rejects.toThrow(
      'All weights of the objective are 0, so there is nothing to learn; give the labels, the teacher’s answers or the hidden states a weight.',
    );
  });
});
