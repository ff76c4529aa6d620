import { describe, expect, it } from 'vitest';
import { bertFixtures } from '../../../../../test/fixtures/layouts/bert.ts';
import { llamaFixtures } from '../../../../../test/fixtures/layouts/llama.ts';
import { context } from '../../../../../test/fixtures/methods/statistics.ts';
import { cutAndMasked, farthest } from '../../../../../test/support/cuts.ts';
import { feedsOf } from '../../../../../test/support/layout-feeds.ts';
import { firstStep } from '../../../../../test/support/methods.ts';
import { recognise } from '../../../anatomy/recognise.ts';
import { withSizes } from '../../../companions/config-sizes.ts';
import { companionJson } from '../../../companions/files.ts';
import { findHeads } from '../../../cuts/heads.ts';
import { fillHoles } from '../../../onnx/fill.ts';
import type { Model } from '../../../onnx/types.ts';
import { planRecipe } from '../../../recipe/plan.ts';
import { parseRecipe } from '../../../recipe/schema.ts';
import { nothingSeen } from '../../../statistics/seen.ts';
import type { Ground, Oracle, StepPlan } from '../../contract.ts';
import { attentionHeads } from './attention-heads.ts';
import { meta, type AttentionHeadsOptions } from './meta.ts';

const [llama] = llamaFixtures;
const [bert] = bertFixtures;
const PLAIN = { score: 'magnitude', compensation: 'none' } as const;

const options = (given: Partial<AttentionHeadsOptions> = {}): AttentionHeadsOptions =>
  meta.options.parse({ ...PLAIN, ...given });

function groundOf(model: Model): Ground {
  return { model, anatomy: recognise(model), original: model };
}

function planOf(ground: Ground, given: Partial<AttentionHeadsOptions>): Promise<StepPlan> {
  return attentionHeads.plan(ground, ground.anatomy.layers, options(given), firstStep);
}

async function made(ground: Ground, plan: StepPlan): Promise<Model> {
  const [work] = plan.work;
  if (work?.kind !== 'fill') throw new Error('It fills nothing.');
  return fillHoles(plan.model, await work.fill(ground, nothingSeen, context));
}

/** Says which head costs what, by block and head. */
function oracle(costs: (value: string, from: number) => number): Oracle<AttentionHeadsOptions> {
  const never = () => Promise.reject(new Error('Not asked for here.'));
  return {
    progress: () => undefined,
    note: () => undefined,
    weight: never,
    plan: never,
    fileBytes: never,
    seen: never,
    files: never,
    tokenCounts: never,
    losses: async (ablations) =>
      ablations.map(({ gates: [{ value, columns = [] }] }) => ({
        measure: 'kl' as const,
        value: costs(value, columns[0].from),
        standardError: 0,
        n: 1,
      })),
  };
}

const outputs = (ground: Ground): string[] =>
  ground.anatomy.layers.flatMap(({ role, name }) => (role === 'attention-output' ? [name] : []));

describe('attention heads', () => {
  it('go as they are named, and the rest computes what it did', async () => {
    const model = bert.model();
    const ground = groundOf(model);
    const [first, second] = outputs(ground);
    const plan = await planOf(ground, { heads: { [first]: [1], [second]: [0] } });
    const cut = await made(ground, plan);
    const { groups } = findHeads(model, ground.anatomy, 'heads');
    const kept = new Map([
      [first, [0]],
      [second, [1]],
    ]);
    const { plan: own, masked } = await cutAndMasked(model, groups, kept);
    const feeds = feedsOf(model, bert.feeds);
    expect(await farthest({ plan: own, cut, masked }, groups, kept, feeds)).toBeLessThan(1e-5);
  });

  it('of one share are decided by what their loss costs, before the run', async () => {
    const ground = groundOf(llama.model());
    const open = options({ ratio: 0.5, score: 'measured' });
    // The first group of queries costs least in the first block, the last in every other.
    const [first] = outputs(ground);
    const read = ground.anatomy.layers.find(({ name }) => name === first)?.input;
    const ask = oracle((value, from) => (value === read ? from : -from));
    const closed = await attentionHeads.decide?.(ground, ground.anatomy.layers, open, ask);
    const { heads = 0, keyValueHeads = 1 } = ground.anatomy.blocks[0];
    const each = heads / keyValueHeads;
    const group = (g: number) => Array.from({ length: each }, (_, i) => g * each + i);
    const expected = outputs(ground).map((name): [string, number[]] => [
      name,
      name === first ? group(0) : group(keyValueHeads - 1),
    ]);
    expect(closed).toEqual({ ...open, heads: Object.fromEntries(expected) });
    const again = closed ?? open;
    expect(
      await attentionHeads.decide?.(ground, ground.anatomy.layers, again, ask),
    ).toBeUndefined();
  });

  it('are decided by magnitude where nothing is looked at', async () => {
    const ground = groundOf(bert.model());
    const ask = oracle(() => 0);
    const closed = await attentionHeads.decide?.(
      ground,
      ground.anatomy.layers,
      options({ ratio: 0.5 }),
      ask,
    );
    const gone = Object.values(closed?.heads ?? {});
    expect(gone.map(({ length }) => length)).toEqual([1, 1]);
  });

  it('take as many bytes decided as the forecast says at most before', async () => {
    const model = llama.model();
    const anatomy = recognise(model);
    const recipe = (given: object) =>
      parseRecipe(
        JSON.stringify({ version: 1, steps: [{ method: 'attention-heads', options: given }] }),
      );
    const open = await planRecipe(model, anatomy, recipe({ ratio: 0.5 }));
    expect(open.problems).toEqual([]);
    const heads = Object.fromEntries(outputs(groundOf(model)).map((name) => [name, [2, 3]]));
    const closed = await planRecipe(model, anatomy, recipe({ ratio: 0.5, heads }));
    expect(closed.problems).toEqual([]);
    expect(closed.atMost).toBeUndefined();
    expect(closed.bytes).toBeGreaterThan(open.bytes);
    expect(closed.bytes).toBeLessThanOrEqual(open.atMost ?? 0);
    expect(closed.after.parameters).toBe(open.after.parameters);
  });

  it('change config.json with the graph', async () => {
    const ground = groundOf(llama.model());
    const plan = await planOf(ground, { ratio: 0.5 });
    const { heads, keyValueHeads, headSize } = ground.anatomy.blocks[0];
    const config = {
      num_attention_heads: heads,
      num_key_value_heads: keyValueHeads,
      head_dim: headSize,
    };
    const files = withSizes(
      new Map([['config.json', { json: config }]]),
      ground.anatomy,
      recognise(plan.model),
    );
    expect(companionJson(files, 'config.json')).toEqual({
      num_attention_heads: (heads ?? 0) / 2,
      num_key_value_heads: (keyValueHeads ?? 0) / 2,
      head_dim: headSize,
    });
  });

  it('look at what the output projections read, for the compensation alone once they are decided', async () => {
    const ground = groundOf(bert.model());
    const [first] = outputs(ground);
    const takes = async (given: Partial<AttentionHeadsOptions>) => {
      const [work] = (await planOf(ground, given)).work;
      return work.kind === 'fill' ? work.look?.map(({ take }) => take) : undefined;
    };
    const refit = { score: 'activation', compensation: 'least-squares', ratio: 0.5 } as const;
    expect(await takes(refit)).toEqual([
      ['norms', 'moments', 'mean'],
      ['norms', 'moments', 'mean'],
    ]);
    expect(await takes({ ...refit, heads: { [first]: [0] } })).toEqual([['moments', 'mean']]);
    expect(await takes({ heads: { [first]: [0] } })).toBeUndefined();
  });
});

describe('heads that cannot go', () => {
  it('are those of a group that would lose another number than the others', async () => {
    const ground = groundOf(llama.model());
    const [name] = outputs(ground);
    const plan = await planOf(ground, { heads: { [name]: [0] } });
    expect(plan.work).toEqual([]);
    expect(plan.skipped).toEqual([
      {
        name,
        reason:
          'Head 0 of the 4 queries over 2 keys cannot go, because every group of 2 must lose all of its queries or as many as the others; choose whole groups, or equally many of each.',
      },
    ]);
  });

  it('go equally from each group, or as a whole group', async () => {
    const ground = groundOf(llama.model());
    const [name] = outputs(ground);
    const single = await planOf(ground, { heads: { [name]: [0, 3] } });
    const whole = await planOf(ground, { heads: { [name]: [2, 3] } });
    const sizes = ({ model }: StepPlan) => {
      const [{ heads, keyValueHeads }] = recognise(model).blocks;
      return [heads, keyValueHeads];
    };
    expect(sizes(single)).toEqual([2, 2]);
    expect(sizes(whole)).toEqual([2, 1]);
  });

  it('are all of them', async () => {
    const ground = groundOf(bert.model());
    const [name] = outputs(ground);
    await expect(planOf(ground, { ratio: 1 })).rejects.toThrow(
      `Removing 2 of the 2 heads in front of "${name}" would leave none, and an attention without heads computes nothing; choose fewer.`,
    );
    await expect(planOf(ground, { heads: { [name]: [0, 1] } })).rejects.toThrow('would leave none');
  });

  it('are less than half a head, or another number than what goes at once', async () => {
    const ground = groundOf(llama.model());
    const [name] = outputs(ground);
    expect((await planOf(ground, { ratio: 0.1 })).skipped[0].reason).toBe(
      `The heads in front of "${name}" stay as they are: a ratio of 0.1 of 2 heads is less than half a head; from 0.250 on one goes.`,
    );
    expect((await planOf(ground, { count: 1 })).skipped[0].reason).toBe(
      `The heads in front of "${name}" stay as they are: 1 heads cannot go where 2 go at once; give a multiple of 2.`,
    );
  });

  it('are named for a layer that is none of the chosen', async () => {
    const ground = groundOf(bert.model());
    const plan = await planOf(ground, { heads: { nobody: [0] } });
    expect(plan.skipped).toEqual([
      {
        name: 'nobody',
        reason:
          '"nobody" is not the output projection of a chosen attention, so the heads named for it stay; clear "heads" to decide again.',
      },
    ]);
  });

  it('are in no attention', async () => {
    const ground = groundOf(bert.model());
    const layers = ground.anatomy.layers.filter(({ role }) => role === 'up');
    const { skipped, work } = await attentionHeads.plan(ground, layers, options(), firstStep);
    expect(work).toEqual([]);
    expect(skipped[0].reason).toBe(
      `"${layers[0].name}" belongs to no attention whose output projection was recognised among the chosen layers, so there are no heads of it to remove.`,
    );
  });
});
