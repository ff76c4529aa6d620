import { beforeAll, describe, expect, it } from 'vitest';
import { sampleModel, testHost } from '../../test/support/sample.ts';
import type { Dataset } from '../core/data/types.ts';
import { planRecipe } from '../core/recipe/plan.ts';
import { parseRecipe } from '../core/recipe/schema.ts';
import { ownData } from './data/read.ts';
import { openModel, type OpenModel } from './model/open.ts';
import { runTrial } from './run-trial.ts';
import { TrialStore } from './trials/store.ts';

let stories: OpenModel;
let calibration: Dataset | undefined;

beforeAll(async () => {
  stories = await openModel(await sampleModel('stories'));
  calibration = await ownData(stories, 'calibration');
});

const recipe = (options: object) =>
  parseRecipe({
    version: 1,
    calibration: { data: 'calibration', samples: 2, length: 64 },
    steps: [{ method: 'static-int8', target: { blocks: [0, 1] }, options }],
  });

async function run(options: object, withData = true) {
  const host = testHost();
  const data = withData && calibration !== undefined ? { calibration } : {};
  const input = { open: stories, recipe: recipe(options), ...data, measure: false };
  const trial = await runTrial(host, input, { progress: () => {} });
  const { file } = await new TrialStore(host.storage).written(trial.id);
  return { trial, bytes: file.byteLength };
}

const KINDS = ['minmax', 'percentile', 'mse', 'entropy', 'moving-average'];

describe.each(KINDS)('ranges of inputs by %s', (calibrate) => {
  it('are decided once for each value; the closed recipe needs no data and makes the same bytes', async () => {
    const { trial, bytes } = await run({ calibrate });
    const options = trial.recipe.steps[0].options;
    const plan = await planRecipe(stories.model, stories.anatomy, recipe({ calibrate }));
    const inputs = new Set(plan.steps[0].lines.map(({ layer }) => layer.input));
    const ranges = options['ranges'] as Record<string, [number, number]>;
    expect(new Set(Object.keys(ranges))).toEqual(inputs);
    for (const [low, high] of Object.values(ranges)) {
      expect(low).toBeLessThanOrEqual(0);
      expect(high).toBeGreaterThan(0);
    }
    // Query, key and value read one input, so there are fewer ranges than layers.
    expect(inputs.size).toBeLessThan(plan.steps[0].lines.length);
    expect(bytes).toBeLessThanOrEqual(plan.atMost ?? 0);
    const again = await run(options, false);
    expect(again.bytes).toBe(bytes);
  });
});

it('other ways choose other ranges', async () => {
  const found = await Promise.all(KINDS.map((calibrate) => run({ calibrate })));
  const ranges = found.map(({ trial }) => JSON.stringify(trial.recipe.steps[0].options['ranges']));
  expect(new Set(ranges).size).toBe(KINDS.length);
});

it('ranges that are given stay, and the others are decided', async () => {
  const all = (await run({})).trial.recipe.steps[0].options['ranges'] as Record<string, number[]>;
  const [name] = Object.keys(all);
  const given = { [name]: [-0.25, 0.5] };
  const { trial, bytes } = await run({ ranges: given });
  expect(trial.recipe.steps[0].options['ranges']).toEqual({ ...all, ...given });
  expect(bytes).toBe((await run({ ranges: { ...all, ...given } }, false)).bytes);
});
