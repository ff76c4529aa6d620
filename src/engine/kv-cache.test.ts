import { describe, expect, it } from 'vitest';
import { cachedDecoder, CACHED, type CacheDialect } from '../../test/fixtures/cached-decoder.ts';
import { testHost } from '../../test/support/sample.ts';
import { decodersFolder, scoresFirst, wordText } from '../../test/support/tiny-decoder.ts';
import type { TextDataset } from '../core/data/types.ts';
import { parseRecipe } from '../core/recipe/schema.ts';
import { planRecipe } from '../core/recipe/plan.ts';
import { createNodeRuntime } from '../runtime/ort-node.ts';
import { openModel, type OpenModel } from './model/open.ts';
import { runTrial } from './run-trial.ts';

const { vocabulary, heads, headSize, blocks } = CACHED;
const texts = {
  calibration: wordText(300, 1, vocabulary),
  evaluation: wordText(150, 2, vocabulary),
};
const host = () => ({ ...testHost(), runtime: () => createNodeRuntime({ threads: 1 }) });
const UNPACKED = blocks * heads * 2 * headSize * 4;

async function opened(cache: CacheDialect): Promise<OpenModel> {
  const model = scoresFirst(cachedDecoder({ cache }));
  return openModel(await decodersFolder({ 'model.onnx': model }, vocabulary));
}

const recipeOf = (options: Readonly<Record<string, unknown>>) => {
  const calibration = { data: 'calibration.txt', samples: 6, length: 24 };
  return parseRecipe({ version: 1, calibration, steps: [{ method: 'kv-cache', options }] });
};

async function reportOf(
  open: OpenModel,
  options: Readonly<Record<string, unknown>>,
  data: Partial<Record<keyof typeof texts, TextDataset>> = texts,
) {
  const input = { open, recipe: recipeOf(options), ...data };
  const { report } = await runTrial(host(), input, { progress: () => {} });
  if (report === undefined) throw new Error('The trial has no report.');
  return report;
}

describe('a trial of a cache in codes', () => {
  it('is measured with the cache filled, and says what a token takes', async () => {
    const open = await opened('pairs');
    const [eight, four] = [await reportOf(open, { bits: 8 }), await reportOf(open, { bits: 4 })];
    for (const [bits, report] of [
      [8, eight],
      [4, four],
    ] as const) {
      const width = (headSize * bits) / 8;
      const after = blocks * heads * (width + width + 3);
      expect(report.cache).toEqual({ before: UNPACKED, after });
      expect(report.evaluation?.protocol).toMatch(/; read token by token with the cache filled$/);
      expect(report.verified).toBe(true);
      expect(Object.keys(report.latency)).toEqual(['node']);
      expect(report.kernels?.['node'].layers).toEqual({ float: 13 });
    }
    const [fine, rough] = [eight, four].map(({ evaluation }) => evaluation?.compressed.kl?.value);
    expect(fine).toBeGreaterThan(0);
    expect(fine).toBeLessThan(1e-3);
    expect(rough).toBeGreaterThan(4 * (fine ?? NaN));
  });

  it('forecasts the cache before anything runs', async () => {
    const { model, anatomy } = await opened('half');
    const plan = await planRecipe(model, anatomy, recipeOf({ keys: 'token' }));
    const after = blocks * heads * 2 * (headSize + 3);
    expect(plan.cache).toEqual({ before: UNPACKED / 2, after });
    expect([plan.needsCalibration, plan.problems]).toEqual([false, []]);
  });

  it('has its ranges of keys from the calibration', async () => {
    const open = await opened('pairs');
    // Two words again and again: other keys are seen than those of the evaluation.
    const foreign = { ...texts.calibration, documents: ['w1 w2 '.repeat(150)] };
    const own = await reportOf(open, { bits: 4 });
    const other = await reportOf(open, { bits: 4 }, { ...texts, calibration: foreign });
    expect(other.outputSha256).not.toBe(own.outputSha256);
    const [kept, lost] = [own, other].map(({ evaluation }) => evaluation?.compressed.kl?.value);
    expect(lost).toBeGreaterThan(kept ?? NaN);
  });

  it('measures without data what made-up tokens show', async () => {
    const report = await reportOf(await opened('grouped-told'), { keys: 'token' }, {});
    expect([report.scores, report.notMeasured, report.verified]).toEqual([
      ...['fidelity', undefined, true],
    ]);
    expect(report.warnings).toContain(
      'Made-up inputs are run with an empty cache, so their scores do not show what storing the cache in fewer bits costs; give evaluation data.',
    );
  });

  it('is refused where there is no cache', async () => {
    const { model, anatomy } = await opened('none');
    const { problems } = await planRecipe(model, anatomy, recipeOf({}));
    expect(problems.map(({ message }) => message)).toEqual([
      'The recipe changes nothing in this model, because every layer it was pointed at was left as it is. For example: The model takes no key/value cache of earlier tokens ("past_key_values.0.key"), so there is nothing to store in fewer bits; open a decoder that was exported with its cache.',
    ]);
  });
});
