import { describe, expect, it } from 'vitest';
import { cachedDecoder, CACHED, type CacheDialect } from '../../test/fixtures/cached-decoder.ts';
import { testHost } from '../../test/support/sample.ts';
import { decodersFolder, scoresFirst, wordText } from '../../test/support/tiny-decoder.ts';
import { parseObjective } from '../core/recipe/objective.ts';
import { parseRecipe } from '../core/recipe/schema.ts';
import type { Recipe } from '../core/recipe/types.ts';
import { inputOf, looksAtInputs } from '../core/statistics/look.ts';
import type { Report } from '../core/report/types.ts';
import type { Model } from '../core/onnx/types.ts';
import { createNodeRuntime } from '../runtime/ort-node.ts';
import { collectLooks } from '../runtime/looks/collect-looks.ts';
import { calibrationOn } from './data/calibration.ts';
import { openModel, type OpenModel } from './model/open.ts';
import { runTrial } from './run-trial.ts';

const { vocabulary } = CACHED;
const texts = {
  calibration: wordText(300, 1, vocabulary),
  evaluation: wordText(150, 2, vocabulary),
};
const runtime = () => createNodeRuntime({ threads: 1 });
const host = () => ({ ...testHost(), runtime });

async function opened(models: Readonly<Record<string, Model>>): Promise<OpenModel> {
  const sorted = Object.entries(models).map(([path, model]) => [path, scoresFirst(model)] as const);
  return openModel(await decodersFolder(Object.fromEntries(sorted), vocabulary));
}

const openDialect = (cache: CacheDialect) => opened({ 'model.onnx': cachedDecoder({ cache }) });

async function reportOf(open: OpenModel, recipe: Recipe): Promise<Report | undefined> {
  const { report } = await runTrial(host(), { open, recipe, ...texts }, { progress: () => {} });
  return report;
}

const lora = parseObjective(
  {
    ...{ version: 1, length: 12, method: 'lora', target: 'attention' },
    options: { rank: 2, steps: 8, batchSize: 4, validateEvery: 4, warmup: 1, learningRate: 0.02 },
  },
  'words.txt',
);
const q8 = parseRecipe({
  ...{ version: 1, seed: 7 },
  steps: [{ method: 'round-to-nearest', target: 'all', options: { bits: 8 } }],
});

describe('a decoder with a cache', () => {
  const plain = openDialect('none').then((open) => reportOf(open, lora));

  it.each<CacheDialect>(['fused', 'half', 'unknown', 'buffer', 'window', 'grouped-told'])(
    'trains as the same model without one (%s)',
    async (cache) => {
      const found = await reportOf(await openDialect(cache), lora);
      const [record, reference] = [found?.training?.[0], (await plain)?.training?.[0]];
      expect(record?.end).toBe('finished');
      // Keys and values in float16 are off by 2⁻¹¹ of themselves.
      const digits = cache === 'half' ? 2 : 4;
      expect(record?.before.value).toBeCloseTo(reference?.before.value ?? NaN, digits);
      expect(record?.after.value).toBeCloseTo(reference?.after.value ?? NaN, digits);
      expect(record?.after.value).toBeLessThan(record?.before.value ?? 0);
      expect(found?.notMeasured).toBeUndefined();
    },
    60_000,
  );

  it.each<CacheDialect>(['unknown', 'buffer', 'window', 'grouped-told', 'single'])(
    'is compressed and measured without data (%s)',
    async (cache) => {
      const open = await openDialect(cache);
      const { report } = await runTrial(host(), { open, recipe: q8 }, { progress: () => {} });
      expect(report?.scores).toBe('fidelity');
      expect(report?.notMeasured).toBeUndefined();
      expect(report?.verified).toBe(true);
    },
  );
});

describe('a decoder that takes one token behind its cache', () => {
  it('is measured as the decoder that reads whole texts', async () => {
    const [found, wanted] = [
      await reportOf(await openDialect('single'), q8),
      await reportOf(await openDialect('none'), q8),
    ].map((report) => report?.evaluation);
    expect(found?.protocol).toMatch(/; read token by token with the cache filled$/);
    for (const side of ['original', 'compressed'] as const) {
      const value = wanted?.[side].perplexity?.value ?? NaN;
      expect(found?.[side].perplexity?.value).toBeCloseTo(value, 4);
    }
    expect(found?.compressed.kl?.value).toBeCloseTo(wanted?.compressed.kl?.value ?? NaN, 6);
  });

  it('starts from the cache of the decoder beside it, where it needs one', async () => {
    const open = await opened({
      'onnx/decoder_with_past_model.onnx': cachedDecoder({ cache: 'single', needsPast: true }),
      'onnx/decoder_model.onnx': cachedDecoder({ cache: 'pairs' }),
    });
    const found = (await reportOf(open, q8))?.evaluation;
    expect(found?.protocol).toMatch(
      /; read token by token with the cache filled; the first score of each left out, "onnx\/decoder_model\.onnx" made the cache it starts from$/,
    );
    expect(found?.compressed.kl?.value).toBeLessThan(1e-3);
  });

  it('keeps what could be written where nothing makes its first cache', async () => {
    const open = await opened({
      'onnx/decoder_with_past_model.onnx': cachedDecoder({ cache: 'single', needsPast: true }),
    });
    const report = await reportOf(open, q8);
    expect(report?.notMeasured).toMatch(
      /^The model reads one token at a time behind a key\/value cache/,
    );
    expect(report?.outputSha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it.each<readonly [CacheDialect, number]>([
    ['single', 1],
    ['buffer', 1],
    ['window', 3],
    ['grouped-buffer', 1],
  ])('shows layers what they see of whole texts (%s, %i a run)', async (cache, tokens) => {
    const found = await secondMoments(
      await opened({ 'model.onnx': cachedDecoder({ cache, tokens }) }),
    );
    const wanted = await secondMoments(await openDialect('none'));
    expect([...found.keys()].sort()).toEqual([...wanted.keys()].sort());
    for (const [layer, norm] of wanted) {
      expect(Math.abs((found.get(layer) ?? NaN) / norm - 1)).toBeLessThan(1e-4);
    }
  });

  it('is not trained', async () => {
    const open = await openDialect('single');
    await expect(reportOf(open, lora)).rejects.toThrow(
      'The model reads one token at a time behind its key/value cache ("input_ids" is fixed to 1 token), and training needs sequences; train the decoder that reads whole texts (decoder_model.onnx or model.onnx), which has the same weights.',
    );
  });
});

/** The sum of what each layer's inputs come to over the calibration data. */
async function secondMoments(open: OpenModel): Promise<Map<string, number>> {
  const amount = { samples: 5, length: 12 };
  const data = await calibrationOn(runtime, open, texts.calibration, amount, 3);
  const layers = open.anatomy.layers.filter(({ op }) => op !== 'Gather');
  const looks = looksAtInputs(layers, ['norms']);
  const seen = await collectLooks(await runtime(), open.model, looks, data.batches());
  return new Map(
    layers.map((layer) => {
      const norms = seen.at(inputOf(layer), 'norms');
      return [layer.name, norms?.values.reduce((sum, norm) => sum + norm, 0) ?? NaN];
    }),
  );
}
