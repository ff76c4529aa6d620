import { beforeAll, describe, expect, it } from 'vitest';
import { sampleModel, testHost } from '../../../test/support/sample.ts';
import { planRecipe } from '../../core/recipe/plan.ts';
import { parseRecipe } from '../../core/recipe/schema.ts';
import { openModel, type OpenModel } from '../model/open.ts';
import type { LookProvider } from '../compress/types.ts';
import { structureData } from './calibration.ts';
import { inputProfile, profileProvider, type ProfileQuestion } from './input-profile.ts';

let open: OpenModel;
let provider: LookProvider;

beforeAll(async () => {
  open = await openModel(await sampleModel('stories'));
  const data = await structureData(open, { amount: { samples: 2, length: 32 }, seed: 0 });
  provider = await profileProvider(testHost(), open, data);
});

const ask = (question: ProfileQuestion) =>
  inputProfile(open, provider, question, { progress: () => {} });

const query = () => open.anatomy.layers.find(({ role }) => role === 'query')?.name ?? '';
const step = (method: string, options: Readonly<Record<string, unknown>> = {}) => ({
  ...{ method, target: 'all' as const, options },
});

describe('what a layer reads', () => {
  it('its histogram, maxima and mean squares are of the same numbers', async () => {
    const { counts, limit, maxima, meanSquares, rows, columns } = await ask({ layer: query() });
    expect(counts.reduce((sum, n) => sum + n, 0)).toBe(rows * columns);
    expect(maxima).toHaveLength(columns);
    expect(Math.max(...maxima)).toBeLessThan(limit);
    maxima.forEach((most, j) => expect(meanSquares[j]).toBeLessThanOrEqual(most ** 2 * 1.0001));
  });

  it('a step that folds scales divides its channels, the more the larger alpha', async () => {
    const spread = async (alpha: number): Promise<number> => {
      const asked = step('awq', { scaling: 'fixed', alpha });
      const { maxima, divided } = await ask({ layer: query(), step: asked });
      if (divided === undefined) throw new Error('nothing is divided');
      const after = Array.from(maxima, (most, j) => most / divided[j]);
      return Math.max(...after) / Math.min(...after);
    };
    const [none, half, all] = [await spread(0), await spread(0.5), await spread(1)];
    expect(half).toBeLessThan(none);
    expect(all).toBeLessThan(half);
  });

  it('a step that folds nothing, or leaves the layer alone, divides nothing', async () => {
    const rounded = await ask({ layer: query(), step: step('round-to-nearest') });
    expect(rounded.divided).toBeUndefined();
    const elsewhere = { ...step('awq'), target: { blocks: [1] } };
    expect((await ask({ layer: query(), step: elsewhere })).divided).toBeUndefined();
  });

  it('a step that covers ranges has one that calibration would choose', async () => {
    const found = async (calibrate: string) =>
      (await ask({ layer: query(), step: step('static-int8', { calibrate }) })).automatic;
    const [low, high] = (await found('minmax')) ?? [NaN, NaN];
    const narrow = (await found('percentile')) ?? [NaN, NaN];
    expect(low).toBeLessThan(0);
    expect(narrow[1] - narrow[0]).toBeLessThanOrEqual(high - low);
    expect(await found('moving-average')).toBeUndefined();
  });

  it('of a file made from the model: what its layer reads there', async () => {
    const ask = (layer: string, file: typeof open.model) =>
      inputProfile(open, provider, { layer }, { progress: () => {} }, file);
    const own = await ask(query(), open.model);
    expect(own.measured).toEqual(own.maxima);
    const { layers } = open.anatomy;
    const last = layers.findLast(({ role }) => role === 'query')?.name ?? '';
    // Without its first block the later ones read something else.
    const { model } = await planRecipe(
      open.model,
      open.anatomy,
      parseRecipe({ version: 1, steps: [{ method: 'blocks', options: { blocks: [1] } }] }),
    );
    const cut = await ask(last, model);
    expect(cut.measured).toHaveLength(cut.columns);
    expect(cut.measured).not.toEqual(cut.maxima);
  });

  it('refuses what multiplies nothing', async () => {
    const embedding = open.anatomy.layers.find(({ op }) => op === 'Gather')?.name ?? '';
    await expect(ask({ layer: embedding })).rejects.toThrow(
      `"${embedding}" is looked up by token and multiplies nothing, so it has no inputs to look at; choose a layer that multiplies.`,
    );
    await expect(ask({ layer: 'nowhere' })).rejects.toThrow(
      'The open model has no layer "nowhere"; choose another.',
    );
  });
});
