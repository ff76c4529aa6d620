import { beforeAll, describe, expect, it } from 'vitest';
import { sampleModel, testHost } from '../../test/support/sample.ts';
import type { TextDataset } from '../core/data/types.ts';
import { planRecipe } from '../core/recipe/plan.ts';
import { parseRecipe } from '../core/recipe/schema.ts';
import { ownData } from './data/read.ts';
import { openModel, type OpenModel } from './model/open.ts';
import { runTrial } from './run-trial.ts';
import { TrialStore } from './trials/store.ts';

const SPARSITY = 0.7;

let stories: OpenModel;
let calibration: TextDataset;

beforeAll(async () => {
  stories = await openModel(await sampleModel('stories'));
  const data = await ownData(stories, 'calibration');
  if (data?.kind !== 'text') throw new Error('the sample has no calibration data');
  calibration = data;
});

const steps = (method: string, options: object) => [
  { method, target: { blocks: [0, 1] }, options: { sparsity: SPARSITY, ...options } },
];

const recipe = (given: readonly unknown[]) =>
  parseRecipe({
    version: 1,
    calibration: { data: 'calibration', samples: 2, length: 64 },
    steps: given,
  });

async function run(given: readonly unknown[], withData = true) {
  const host = testHost();
  const input = { open: stories, recipe: recipe(given), ...(withData && { calibration }) };
  const trial = await runTrial(host, { ...input, measure: false }, { progress: () => {} });
  const { file } = await new TrialStore(host.storage).written(trial.id);
  return { trial, bytes: file.byteLength };
}

type Shares = Readonly<Record<string, number>>;

describe.each(['owl', 'sensitivity'])('%s', (ratios) => {
  it('decides shares that keep the total, and the same recipe decides nothing again', async () => {
    const open = steps('wanda', { ratios, store: 'packed', sequential: false });
    const before = await planRecipe(stories.model, stories.anatomy, recipe(open));
    const { trial, bytes } = await run(open);
    const { options } = trial.recipe.steps[0];
    const shares = options['sparsityPerLayer'] as Shares;
    const layers = before.steps[0].lines.map(({ layer }) => layer);
    expect(Object.keys(shares).sort()).toEqual(layers.map(({ name }) => name).sort());
    expect(new Set(Object.values(shares)).size).toBeGreaterThan(1);
    const size = (name: string): number => {
      const layer = layers.find((one) => one.name === name);
      return layer === undefined ? NaN : layer.outFeatures * layer.inFeatures;
    };
    const total = layers.reduce((sum, { name }) => sum + size(name), 0);
    const gone = Object.entries(shares).reduce((sum, [name, s]) => sum + s * size(name), 0);
    expect(gone / total).toBeCloseTo(SPARSITY, 4);
    // At most before, exact after.
    expect(bytes).toBeLessThanOrEqual(before.atMost ?? 0);
    expect(trial.report?.forecastBytes).toBe(bytes);
    const again = await run(trial.recipe.steps);
    expect(again.trial.report?.outputSha256).toBe(trial.report?.outputSha256);
    expect(again.trial.recipe.steps).toEqual(trial.recipe.steps);
  }, 120_000);
});

describe('shares', () => {
  it('of the global scope are decided where zeros are stored as such', async () => {
    const open = steps('magnitude', { scope: 'global', store: 'packed' });
    const { trial, bytes } = await run(open);
    const shares = trial.recipe.steps[0].options['sparsityPerLayer'] as Shares;
    expect(Math.max(...Object.values(shares))).toBeGreaterThan(SPARSITY);
    expect(Math.min(...Object.values(shares))).toBeLessThan(SPARSITY);
    expect(trial.report?.forecastBytes).toBe(bytes);
    // The same weights go as when they are stored densely.
    const dense = await run(steps('magnitude', { scope: 'global' }));
    const errors = [trial, dense.trial].map(({ report }) =>
      report?.layers.map(({ relativeError }) => relativeError),
    );
    expect(errors[0]).toEqual(errors[1]);
  }, 120_000);

  it('need data to be decided', async () => {
    await expect(run(steps('magnitude', { ratios: 'owl' }), false)).rejects.toThrow(
      'Magnitude pruning looks at what flows through the model, but no calibration data was given; choose a text or example file, or take a method that needs none.',
    );
  });

  it('cannot be decided twice', () => {
    expect(() => recipe(steps('magnitude', { ratios: 'owl', scope: 'global' }))).toThrow(
      'the global scope decides by itself how much each layer loses; set scope to "tensor" or ratios to "uniform"',
    );
  });
});
