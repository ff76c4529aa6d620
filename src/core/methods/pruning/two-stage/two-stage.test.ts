import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { layoutFixtures } from '../../../../../test/fixtures/layouts/all.ts';
import { oneLayerModel } from '../../../../../test/fixtures/methods/models.ts';
import { context } from '../../../../../test/fixtures/methods/statistics.ts';
import { madeOracle } from '../../../../../test/support/measured.ts';
import { firstStep } from '../../../../../test/support/methods.ts';
import type { Ablation } from '../../../ablation/types.ts';
import { recognise } from '../../../anatomy/recognise.ts';
import { fillHoles, requireFilled } from '../../../onnx/fill.ts';
import type { Model } from '../../../onnx/types.ts';
import { encodedLength } from '../../../onnx/write.ts';
import { attentionsToDrop, budgetOf } from './budget.ts';
import { options as schema, type TwoStageOptions } from './meta.ts';
import { twoStage } from './two-stage.ts';

const GOLDEN = new URL('../../../../../test/golden/vectors/two-stage.json', import.meta.url);
const { attention_formula: formula } = z
  .object({
    attention_formula: z.array(
      z.object({
        blocks: z.number(),
        rate: z.number(),
        mlp_over_attn: z.number(),
        attn_to_drop: z.number(),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(GOLDEN, 'utf8')));

describe('the budget', () => {
  it('is split as the reference splits it', () => {
    expect(formula.length).toBeGreaterThan(40);
    for (const { blocks, rate, mlp_over_attn: t, attn_to_drop: wanted } of formula) {
      expect([blocks, rate, t, attentionsToDrop(blocks, rate, t, 1.5)]).toEqual([
        blocks,
        rate,
        t,
        wanted,
      ]);
    }
  });

  it('comes to the ratio, attentions and neurons together', () => {
    const sizes = { blocks: 12, attention: 4, feedForward: 8 };
    const { attentions, neurons } = budgetOf(sizes, 0.3, 1.5);
    expect(attentions).toBe(2);
    expect(attentions * 4 + neurons * 12 * 8).toBeCloseTo(0.3 * 12 * 12);
  });

  it('takes no neurons where the attentions are more than enough, and refuses to take all of both', () => {
    expect(budgetOf({ blocks: 3, attention: 8, feedForward: 4 }, 0.2, 1.5).neurons).toBe(0);
    expect(() => budgetOf({ blocks: 4, attention: 1, feedForward: 9 }, 0.95, 0.1)).toThrow(
      'A ratio of 0.95 takes 0 of 4 attentions and would have to take all feed-forward neurons besides, and a block without both computes nothing; choose a smaller ratio.',
    );
  });
});

const fixtureOf = (name: string): Model => {
  const found = layoutFixtures.find((fixture) => fixture.name === name);
  if (found === undefined) throw new Error(`There is no fixture "${name}".`);
  return found.model();
};
const model = fixtureOf('gpt2 plain, opset 13');
const anatomy = recognise(model);

const groundOf = (own: Model) => ({ model: own, anatomy: recognise(own), original: own });
const planned = (given: Partial<TwoStageOptions>, own = model) => {
  const ground = groundOf(own);
  return twoStage.plan(ground, ground.anatomy.layers, schema.parse(given), firstStep);
};

/** Attentions cost what is written for their block, neurons nothing; the last neurons are the loudest. */
async function decided(given: Partial<TwoStageOptions>, costs: readonly number[]) {
  const costOf = (value: string) => {
    const at = anatomy.blocks.findIndex(({ subLayers }) => subLayers[0].output === value);
    return at < 0 ? 0 : costs[at];
  };
  const cost = ({ gates }: Ablation) => gates.reduce((sum, { value }) => sum + costOf(value), 0);
  const { ask, asked } = madeOracle<TwoStageOptions>(cost);
  const chosen = schema.parse(given);
  const answer = await twoStage.decide?.(groundOf(model), anatomy.layers, chosen, ask);
  return { answer, asked };
}

describe('two-stage', () => {
  it('drops the attentions that cost least in the narrower model, and leaves one width', async () => {
    const { answer, asked } = await decided({ ratio: 0.5 }, [3, 1, 2]);
    expect(answer?.attention).toEqual([1, 2]);
    const [[{ gates }]] = asked.ablations;
    const shut = gates.filter(({ columns }) => columns !== undefined);
    expect(shut.map(({ value }) => value)).toEqual(
      anatomy.layers.filter(({ role }) => role === 'down').map(({ input }) => input),
    );
    const plan = await planned({ ...answer });
    const [left] = plan.anatomy?.blocks ?? [];
    const removed = shut[0].columns?.length ?? 0;
    expect(left.feedForwardWidth).toBe(48 - removed);
    // The quietest go.
    expect(shut[0].columns?.map(({ from }) => from)).toEqual([...Array(removed).keys()]);
    const kinds = plan.anatomy?.blocks.flatMap(({ subLayers }) =>
      subLayers.map(({ kind }) => kind),
    );
    expect(kinds?.filter((kind) => kind === 'attention')).toHaveLength(1);
  });

  it('fills what it planned from what is seen of the whole model', async () => {
    const { answer } = await decided({ ratio: 0.5 }, [3, 1, 2]);
    const plan = await planned({ ...answer });
    const [work] = plan.work;
    if (work.kind !== 'fill') throw new Error('nothing is filled');
    const seen = await madeOracle(() => 0).ask.seen(work.look ?? []);
    const filled = fillHoles(plan.model, await work.fill(groundOf(model), seen, context));
    requireFilled(filled);
    expect(encodedLength(filled)).toBe(encodedLength(plan.model));
  });

  it('removes about the share of the blocks that was asked for', async () => {
    const { answer } = await decided({ ratio: 0.4 }, [3, 1, 2]);
    const plan = await planned({ ...answer, ratio: 0.4 });
    const blocksOf = (own: Model) => {
      const inside = new Set(
        recognise(own)
          .layers.filter(({ block }) => block !== undefined)
          .map(({ weight }) => weight),
      );
      return own.graph.initializers
        .filter(({ name }) => inside.has(name))
        .reduce((sum, { data }) => sum + data.byteLength, 0);
    };
    expect(1 - blocksOf(plan.model) / blocksOf(model)).toBeCloseTo(0.4, 1);
  });

  it('needs no decision where no attention goes, and none when it was made', async () => {
    expect((await decided({ ratio: 0.05 }, [1, 2, 3])).answer).toBeUndefined();
    expect((await planned({ ratio: 0.05 })).atMost).toBeUndefined();
    expect((await planned({ ratio: 0.5 })).undecided).toBeGreaterThan(0);
    expect((await decided({ ratio: 0.5, attention: [0] }, [1, 2, 3])).answer).toBeUndefined();
    expect((await planned({ ratio: 0.5, attention: [0] })).atMost).toBeUndefined();
  });

  it('refuses in words', async () => {
    await expect(planned({ attention: [0, 9] })).rejects.toThrow(
      'The blocks [0, 9] are not some of those whose attention can go (0, 1, 2), each once; clear "attention" to decide again.',
    );
    await expect(planned({}, oneLayerModel('MatMul', 8, 32).model)).rejects.toThrow(
      'No blocks with both an attention and feed-forward neurons that can be cut were found among the chosen layers, so there is nothing to split the budget over; prune layers one by one instead.',
    );
    await expect(planned({ ratio: 0.995 })).rejects.toThrow(
      'A ratio of 0.995 would leave none of the 48 neurons in front of "transformer.h.0.mlp.c_proj.weight", and a layer without neurons computes nothing; choose a smaller ratio.',
    );
    const targets = anatomy.layers.filter(({ block }) => block === 0);
    const one = twoStage.plan(groundOf(model), targets, schema.parse({ ratio: 0.9 }), firstStep);
    await expect(one).rejects.toThrow(
      'A ratio of 0.9 takes 3 attentions, and 1 can go: the others are not pointed at, or cannot be cut; choose a smaller ratio, or a smaller attention exponent.',
    );
  });
});
