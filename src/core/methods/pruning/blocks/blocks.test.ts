import { describe, expect, it } from 'vitest';
import { layoutFixtures } from '../../../../../test/fixtures/layouts/all.ts';
import { firstStep } from '../../../../../test/support/methods.ts';
import type { Ablation } from '../../../ablation/types.ts';
import { recognise } from '../../../anatomy/recognise.ts';
import { encodedLength } from '../../../onnx/write.ts';
import type { Model } from '../../../onnx/types.ts';
import { lookKey, type Look } from '../../../statistics/look.ts';
import { seenIn } from '../../../statistics/seen.ts';
import type { Oracle } from '../../contract.ts';
import { blocks } from './blocks.ts';
import { meta, options as schema, type BlocksOptions } from './meta.ts';

const fixtureOf = (name: string) => {
  const found = layoutFixtures.find((fixture) => fixture.name === name);
  if (found === undefined) throw new Error(`There is no fixture "${name}".`);
  return found.model();
};

/** Three blocks, pre-norm; the same fused; an encoder and a decoder of two blocks each. */
const [gpt2, fused, whisper] = [
  'gpt2 plain, opset 13',
  'gpt2 fused',
  'whisper plain, opset 17',
].map(fixtureOf);

function groundOf(model: Model) {
  return { model, anatomy: recognise(model), original: model };
}

async function planned(model: Model, given: Partial<BlocksOptions>, block?: readonly number[]) {
  const ground = groundOf(model);
  const targets = ground.anatomy.layers.filter(
    (layer) => block === undefined || block.includes(layer.block ?? -1),
  );
  return blocks.plan(ground, targets, schema.parse(given), firstStep);
}

/** What is decided where the cosines, or the losses, of the things asked for are these, in their order. */
async function decided(model: Model, given: Partial<BlocksOptions>, numbers: readonly number[]) {
  const asked: { looks: readonly Look[]; ablations: readonly Ablation[] } = {
    looks: [],
    ablations: [],
  };
  const ask = {
    progress: () => undefined,
    seen: (looks: readonly Look[]) => {
      asked.looks = looks;
      const results = looks.map(({ take, ...view }, at) => {
        const cosine = { rows: 1, columns: 1, mean: numbers[at] };
        return [lookKey(view, take[0]), cosine] as const;
      });
      return Promise.resolve(seenIn(new Map(results)));
    },
    losses: (ablations: readonly Ablation[]) => {
      asked.ablations = ablations;
      const loss = { measure: 'kl', standardError: 0.1, n: 4 } as const;
      return Promise.resolve(ablations.map((_, at) => ({ ...loss, value: numbers[at] })));
    },
  } as unknown as Oracle<BlocksOptions>;
  const ground = groundOf(model);
  const options = schema.parse(given);
  const answer = await blocks.decide?.(ground, ground.anatomy.layers, options, ask);
  return { blocks: answer?.blocks, ...asked };
}

describe('which blocks go', () => {
  it('those of the lowest influence first', async () => {
    const open = { protectFirst: 0 };
    expect((await decided(gpt2, open, [0.9, 0.99, 0.5])).blocks).toEqual([1]);
    expect((await decided(gpt2, { ...open, count: 2 }, [0.9, 0.99, 0.5])).blocks).toEqual([0, 1]);
    const { looks } = await decided(gpt2, open, [1, 1, 1]);
    const { blocks: all } = recognise(gpt2);
    expect(looks).toEqual(
      all.map(({ input, output }) => ({
        value: input,
        take: [{ kind: 'cosine with', other: { value: output } }],
      })),
    );
  });

  it('those of the lowest measured loss', async () => {
    const found = await decided(gpt2, { score: 'measured', count: 2, protectFirst: 0 }, [3, 1, 2]);
    expect(found.blocks).toEqual([1, 2]);
    const [, { input, output }] = recognise(gpt2).blocks;
    expect(found.ablations[1]).toEqual({ gates: [{ value: output, instead: input }] });
  });

  it('a sub-layer is measured where its sum is, or by what it adds where the next norm is fused with it', async () => {
    const measured = { score: 'measured', part: 'attention', protectFirst: 0 } as const;
    const gatesOf = async (model: Model) =>
      (await decided(model, measured, [1, 2, 3])).ablations[1];
    const of = (model: Model) => recognise(model).blocks[1].subLayers[0];
    expect(await gatesOf(gpt2)).toEqual({ gates: [of(gpt2).bypass] });
    expect(await gatesOf(fused)).toEqual({ gates: [{ value: of(fused).added }] });
  });

  it('side by side, by what happens from the first to the last', async () => {
    const found = await decided(gpt2, { contiguous: true, count: 2, protectFirst: 0 }, [0.2, 0.7]);
    expect(found.blocks).toEqual([1, 2]);
    const { blocks: all } = recognise(gpt2);
    expect(found.looks.map(({ value, take }) => [value, take[0]])).toEqual([
      [all[0].input, { kind: 'cosine with', other: { value: all[1].output } }],
      [all[1].input, { kind: 'cosine with', other: { value: all[2].output } }],
    ]);
    const measured = { contiguous: true, score: 'measured', count: 2, protectFirst: 0 } as const;
    const { ablations } = await decided(gpt2, measured, [1, 2]);
    // Both at once: the second's place is taken by what stands for the first.
    expect(ablations[0].gates.map(({ instead }) => instead)).toEqual([all[0].input, all[0].input]);
  });

  it('never the protected ones, and only those pointed at', async () => {
    expect((await decided(gpt2, {}, [0.1, 0.2])).blocks).toEqual([2]);
    expect((await decided(gpt2, { protectLast: 1 }, [0.1])).blocks).toEqual([1]);
    const { model } = await planned(gpt2, { score: 'last' }, [0, 1]);
    expect(model).toEqual((await planned(gpt2, { blocks: [1] })).model);
  });

  it('the last ones without any data', async () => {
    const plan = await planned(gpt2, { score: 'last', count: 2 });
    expect(plan.atMost).toBeUndefined();
    expect(plan.model).toEqual((await planned(gpt2, { blocks: [1, 2] })).model);
    expect((await decided(gpt2, { score: 'last' }, [])).blocks).toBeUndefined();
  });

  it('of one stack where there are two', async () => {
    const stacksOf = async (given: Partial<BlocksOptions>) =>
      (await planned(whisper, { score: 'last', ...given })).anatomy?.blocks.map(
        ({ stack }) => stack,
      );
    expect(await stacksOf({})).toEqual(['encoder', 'encoder', 'decoder']);
    expect(await stacksOf({ stack: 'encoder' })).toEqual(['encoder', 'decoder', 'decoder']);
  });
});

describe('the plan', () => {
  it('is at most as large as with the smallest blocks, and exact when decided', async () => {
    const open = await planned(gpt2, {});
    expect(open.atMost).toBe('planned');
    for (const index of [1, 2]) {
      const closed = await planned(gpt2, { blocks: [index] });
      expect(closed.atMost).toBeUndefined();
      expect(encodedLength(closed.model)).toBeLessThanOrEqual(encodedLength(open.model));
      expect(closed.anatomy?.blocks).toHaveLength(2);
    }
  });

  it('leaves nothing for the run to do', async () => {
    const { work, lines } = await planned(fused, { blocks: [0] });
    expect([work, lines]).toEqual([[], []]);
  });
});

describe('what cannot be', () => {
  const refusal = (given: Partial<BlocksOptions>, model = gpt2) =>
    expect(planned(model, given)).rejects;

  it('is said', async () => {
    await refusal({ count: 3, protectFirst: 0 }).toThrow(
      'The model has 3 blocks, and at least one has to stay; drop fewer, or a part of them only.',
    );
    await refusal({ count: 2, protectLast: 1 }).toThrow(
      "2 of the model's 3 blocks are to go, and 1 can: the others are protected, not pointed at, or cannot be cut; lower the number, or protect fewer.",
    );
    await refusal({ part: 'attention', count: 3 }).toThrow(
      "3 of the model's 3 blocks are to lose their attention, and 2 can: the others are protected, not pointed at, or cannot be cut; lower the number, or protect fewer.",
    );
    await refusal({ blocks: [3] }).toThrow(
      "The blocks [3] are not some of the model's 3, each once; write numbers from 0 to 2, and leave at least one out.",
    );
    await expect(
      decided(
        gpt2,
        { contiguous: true, count: 2, protectLast: 1, protectFirst: 1, part: 'attention' },
        [],
      ),
    ).rejects.toThrow("2 of the model's 3 blocks are to lose their attention, and 1 can");
    const ground = { ...groundOf(gpt2), anatomy: { ...recognise(gpt2), blocks: [] } };
    await expect(blocks.plan(ground, [], schema.parse({}), firstStep)).rejects.toThrow(
      'No transformer blocks were recognised in this model, so there are none to drop; prune its layers one by one instead.',
    );
  });

  it('is said of a run of blocks that is nowhere', async () => {
    const ground = groundOf(gpt2);
    const targets = ground.anatomy.layers.filter(({ block }) => block !== 1);
    const options = schema.parse({ contiguous: true, count: 2, protectFirst: 0 });
    const ask = {} as Oracle<BlocksOptions>;
    await expect(blocks.decide?.(ground, targets, options, ask)).rejects.toThrow(
      'There are no 2 blocks side by side that can all go; drop fewer, protect fewer, or let them stand apart.',
    );
  });

  it('is a reason for each block that has no such part', async () => {
    const { anatomy, ...ground } = groundOf(gpt2);
    const changed = anatomy.blocks.map((block) =>
      block.index === 1 ? { ...block, subLayers: block.subLayers.slice(1) } : block,
    );
    const plan = await blocks.plan(
      { ...ground, anatomy: { ...anatomy, blocks: changed } },
      anatomy.layers,
      schema.parse({ part: 'attention' }),
      firstStep,
    );
    expect(plan.skipped).toEqual([
      {
        name: 'block 1',
        reason:
          'Block 1 has no attention that was recognised on the residual stream, so it cannot lose it; choose other blocks, or cut whole blocks.',
      },
    ]);
  });
});

it('is called by its part and how much of it goes', () => {
  const short = (given: Partial<BlocksOptions>) => meta.short(schema.parse(given));
  expect(short({})).toBe('block 25 %');
  expect(short({ part: 'attention', count: 3 })).toBe('attention 3');
  expect(short({ blocks: [4, 7] })).toBe('block 4 7');
});
