import { describe, expect, it } from 'vitest';
import { testHost } from '../../../test/support/sample.ts';
import { openVitFolder, TINY_VIT, vitImages } from '../../../test/support/tiny-vit.ts';
import { parseObjective } from '../../core/recipe/objective.ts';
import { createNodeRuntime } from '../../runtime/ort-node.ts';
import { openModel } from '../model/open.ts';
import { planOrThrow } from '../prepare-job.ts';
import { runTrial } from '../run-trial.ts';
import { forecastTraining } from './forecast.ts';

const host = { ...testHost(), runtime: () => createNodeRuntime({ threads: 1 }) };
const OBJECTIVE = {
  ...{ version: 1, method: 'fine-tune', target: 'all' },
  options: { steps: 40, batchSize: 8, learningRate: 0.02, validateEvery: 20 },
};

describe('training a vision model whose image sizes are open', () => {
  it('takes them from the data', async () => {
    const open = await openModel(await openVitFolder());
    const recipe = parseObjective(OBJECTIVE, 'images.npz');
    const input = { open, recipe, calibration: vitImages(80, 1), evaluation: vitImages(40, 2) };
    const { report } = await runTrial(host, input, { progress: () => {} });
    const record = report?.training?.[0];
    expect(record?.after.value).toBeLessThan(0.5 * (record?.before.value ?? 0));
    expect(report?.evaluation?.compressed.accuracy?.value).toBeGreaterThan(0.9);
  }, 60_000);

  it('is forecast with those of the config, or of the positions its patches are given', async () => {
    const config = { 'config.json': { image_size: TINY_VIT.imageSize } };
    const recipe = parseObjective(OBJECTIVE, 'images.npz');
    const peaks = [config, {}].map(async (json) => {
      const open = await openModel(await openVitFolder(json));
      return forecastTraining(open, await planOrThrow(open, recipe));
    });
    const [known, found] = await Promise.all(peaks);
    expect(known.problems).toEqual([]);
    expect(known.peak).toBeGreaterThan(0);
    expect(found).toEqual(known);
  });
});
