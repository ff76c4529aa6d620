import { describe, expect, it } from 'vitest';
import { layoutFixtures } from '../../../../../test/fixtures/layouts/all.ts';
import { oneLayerModel } from '../../../../../test/fixtures/methods/models.ts';
import { madeOracle } from '../../../../../test/support/measured.ts';
import { firstStep } from '../../../../../test/support/methods.ts';
import type { Ablation } from '../../../ablation/types.ts';
import { recognise } from '../../../anatomy/recognise.ts';
import { cutDepth } from '../../../cuts/depth/cut-depth.ts';
import { encodedLength } from '../../../onnx/write.ts';
import type { Model } from '../../../onnx/types.ts';
import { greedyBlocks } from './greedy-blocks.ts';
import { options as schema, type GreedyBlocksOptions } from './meta.ts';

const gpt2 = layoutFixtures.find(({ name }) => name === 'gpt2 plain, opset 13')?.model();
if (gpt2 === undefined) throw new Error('There is no such fixture.');
const model = gpt2;
const anatomy = recognise(model);
const [first, second, third] = anatomy.blocks;

const groundOf = (own: Model) => ({ model: own, anatomy: recognise(own), original: own });
const planned = (given: Partial<GreedyBlocksOptions>, own = model) => {
  const ground = groundOf(own);
  return greedyBlocks.plan(ground, ground.anatomy.layers, schema.parse(given), firstStep);
};

/** What is decided where every shut gate costs what its value costs. */
async function decided(given: Partial<GreedyBlocksOptions>, costs: Record<string, number>) {
  const cost = ({ gates }: Ablation) => gates.reduce((sum, { value }) => sum + costs[value], 0);
  const { ask, asked } = madeOracle<GreedyBlocksOptions>(cost);
  const ground = groundOf(model);
  const answer = await greedyBlocks.decide?.(ground, anatomy.layers, schema.parse(given), ask);
  return { answer, asked };
}

describe('greedy-blocks', () => {
  it('decides on the blocks without which the answers change least, and plans without them', async () => {
    const costs = { [first.output]: 2, [second.output]: 3, [third.output]: 1 };
    const { answer, asked } = await decided({ count: 2 }, costs);
    expect(answer?.blocks).toEqual([0, 2]);
    expect(asked.ablations.map((round) => round.length)).toEqual([3, 2]);
    const plan = await planned({ ...answer });
    expect(plan.atMost).toBeUndefined();
    expect(plan.model).toEqual(cutDepth(model, anatomy, { blocks: [0, 2] }));
    expect(plan.work).toEqual([]);
    expect(await decided({ ...answer }, {})).toMatchObject({ answer: undefined });
  });

  it('takes sub-layers one by one, and writes down which', async () => {
    const costs = Object.fromEntries(
      anatomy.blocks.flatMap(({ subLayers, index }) =>
        subLayers.map(({ kind, output }) => [output, kind === 'attention' ? index : 5 - index]),
      ),
    );
    const { answer, asked } = await decided({ part: 'sub-layer', count: 2 }, costs);
    expect([answer?.attention, answer?.feedForward]).toEqual([[0, 1], []]);
    expect(asked.ablations[0]).toHaveLength(6);
    const plan = await planned({ ...answer });
    expect(plan.model).toEqual(cutDepth(model, anatomy, { attention: [0, 1] }));
    const both = await planned({ part: 'sub-layer', attention: [1], feedForward: [1] });
    expect(both.model).toEqual(cutDepth(model, anatomy, { blocks: [1] }));
  });

  it.each([{ part: 'block' }, { part: 'sub-layer' }] as const)(
    'forecasts before what the file takes at most (%o)',
    async (given) => {
      const before = await planned({ ...given, count: 1 });
      expect(before.undecided).toBeGreaterThan(0);
      const bytes = encodedLength(before.model);
      for (const block of [0, 1, 2]) {
        const lists =
          given.part === 'block'
            ? [{ blocks: [block] }]
            : [{ attention: [block] }, { feedForward: [block] }];
        for (const list of lists) {
          const after = await planned({ ...given, ...list });
          expect(encodedLength(after.model)).toBeLessThanOrEqual(bytes);
        }
      }
    },
  );

  it('does not try what is protected or not pointed at', async () => {
    const costs = { [second.output]: 1, [third.output]: 2 };
    expect((await decided({ count: 1, protectFirst: 1 }, costs)).asked.ablations[0]).toHaveLength(
      2,
    );
    const ask = madeOracle<GreedyBlocksOptions>(() => 1);
    const targets = anatomy.layers.filter(({ block }) => block === 1);
    const chosen = schema.parse({ count: 1 });
    const answer = await greedyBlocks.decide?.(groundOf(model), targets, chosen, ask.ask);
    expect(answer?.blocks).toEqual([1]);
  });

  it('refuses in words', async () => {
    await expect(planned({ count: 3 })).rejects.toThrow(
      'The model has 3 blocks, and at least one block has to stay; drop fewer.',
    );
    await expect(planned({ part: 'sub-layer', count: 6 })).rejects.toThrow(
      'The model has 6 sub-layers in 3 blocks, and at least one sub-layer has to stay; drop fewer.',
    );
    await expect(planned({ count: 2, protectFirst: 2 })).rejects.toThrow(
      '2 blocks are to go, and 1 can: the others are protected, not pointed at, or cannot be cut; lower the number, or protect fewer.',
    );
    await expect(planned({ blocks: [0, 7] })).rejects.toThrow(
      "The blocks [0, 7] are not some of the model's 3, each once; write numbers from 0 to 2, and leave at least one out.",
    );
    await expect(planned({ part: 'sub-layer', attention: [1, 1] })).rejects.toThrow(
      "The blocks [1, 1] are not some of the model's 3, each once; write numbers from 0 to 2.",
    );
    await expect(planned({}, oneLayerModel('MatMul', 8, 32).model)).rejects.toThrow(
      'No transformer blocks were recognised in this model, so there are none to drop; prune its layers one by one instead.',
    );
  });
});
