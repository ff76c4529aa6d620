/** Trainings that end in codes: what they gain over rounding, what they leave alone, and that they can be taken up. */
import { describe, expect, it } from 'vitest';
import { testHost } from '../../../test/support/sample.ts';
import { decoderFolder, tinyDecoder, wordText } from '../../../test/support/tiny-decoder.ts';
import { CancelledError } from '../../core/errors/lathe-error.ts';
import type { Model } from '../../core/onnx/types.ts';
import { planRecipe } from '../../core/recipe/plan.ts';
import { parseRecipe } from '../../core/recipe/schema.ts';
import { createNodeRuntime } from '../../runtime/ort-node.ts';
import { openModel, type OpenModel } from '../model/open.ts';
import { readWritten, writtenBytes } from '../model/written.ts';
import { runTrial } from '../run-trial.ts';
import { MemoryStorage } from '../storage/memory.ts';
import { TrialStore } from '../trials/store.ts';

const TRAINING = { steps: 30, batchSize: 4, validateEvery: 10, warmup: 2 };
const TWO = { bits: 2, blockSize: 16, symmetric: false, clip: 'mse' };
const FINE = { ...TRAINING, steps: 60, learningRate: 0.02 };
const FIXTURE = 'gpt2 plain, opset 13';

/** Runs a recipe; `stopAt`: cancelled after so many steps of training, and undefined then. */
async function run(
  open: OpenModel,
  steps: readonly unknown[],
  storage = new MemoryStorage(),
  stopAt = Infinity,
) {
  const calibration = { data: 'words.txt', samples: 16, length: 12 };
  const recipe = parseRecipe({ version: 1, seed: 5, calibration, steps });
  const host = { ...testHost(storage), runtime: () => createNodeRuntime({ threads: 1 }) };
  const data = { calibration: wordText(600, 1), evaluation: wordText(300, 2) };
  const controller = new AbortController();
  const started: number[] = [];
  const hooks = {
    signal: controller.signal,
    progress: () => {},
    onTrainingStart: ({ resumedAt }: { readonly resumedAt: number }) => started.push(resumedAt),
    onTraining: ({ step }: { readonly step: number }) => {
      if (step === stopAt) controller.abort();
    },
  };
  const trial = await runTrial(host, { open, recipe, ...data }, hooks).catch((error: unknown) => {
    if (error instanceof CancelledError) return undefined;
    throw error;
  });
  if (trial === undefined) return undefined;
  const written = await new TrialStore(host.storage).written(trial.id);
  expect(writtenBytes(written)).toBe((await planRecipe(open.model, open.anatomy, recipe)).bytes);
  const { report } = trial;
  const kl = report?.evaluation?.compressed.kl?.value ?? Number.NaN;
  return { report, kl, started, model: await readWritten(written) };
}

async function finished(...given: Parameters<typeof run>) {
  const done = await run(...given);
  if (done === undefined) throw new Error('The run was cancelled.');
  return done;
}

/** A model that has learned what the words are like, so that rounding it costs something. */
const learned = await (async () => {
  const open = await openModel(await decoderFolder(tinyDecoder(FIXTURE)));
  const { model } = await finished(open, [{ method: 'fine-tune', options: FINE }]);
  return openModel(await decoderFolder(model));
})();

const rounded = await finished(learned, [{ method: 'round-to-nearest', options: TWO }]);

describe('quantization-aware training', () => {
  const qat = (options: object) => [
    { method: 'qat', options: { ...TWO, ...TRAINING, learningRate: 0.005, ...options } },
  ];

  it.each([
    ['teacher', {}],
    ['learned zeros', { zeros: 'learned' }],
    ['float16 scales', { scales: 'float16' }],
  ])(
    'comes closer to the original than rounding to the same bits: %s',
    async (_, options) => {
      const { kl, report } = await finished(learned, qat(options));
      expect(kl).toBeLessThan(0.8 * rounded.kl);
      const record = report?.training?.[0];
      expect(record?.after.value).toBeLessThan(record?.before.value ?? 0);
    },
    60_000,
  );

  it('learns from labels alone', async () => {
    const { report } = await finished(learned, qat({ from: 'labels' }));
    const { before, after } = report?.training?.[0] ?? {};
    expect(after?.value).toBeLessThan(before?.value ?? 0);
  }, 60_000);

  it('three values are worth less than four, and training makes them usable', async () => {
    const ternary = { ternary: true, symmetric: true };
    const before = await finished(
      learned,
      qat({ ...ternary, steps: 1, learningRate: 1e-9, stepRate: 0 }),
    );
    const after = await finished(learned, qat(ternary));
    expect(after.kl).toBeLessThan(0.8 * before.kl);
  }, 60_000);

  it('gives the same bytes after an interruption', async () => {
    const recipe = qat({ steps: 6, validateEvery: 3 });
    const whole = await finished(learned, recipe);
    const storage = new MemoryStorage();
    expect(await run(learned, recipe, storage, 4)).toBeUndefined();
    const second = await finished(learned, recipe, storage);
    expect(second.started).toEqual([4]);
    expect(second.report?.outputSha256).toBe(whole.report?.outputSha256);
  }, 60_000);
});

describe('scale tuning', () => {
  const tune = { method: 'scale-tuning', options: { ...TRAINING, learningRate: 0.02 } };
  const bytesOf = async ({ graph }: Model) =>
    new Map(
      await Promise.all(
        graph.initializers.map(async ({ name, data }) => [name, [...(await data.read())]] as const),
      ),
    );

  it.each([
    ['codes of native kernels', { ...TWO }],
    ['codes that standard operators unpack', { ...TWO, bits: 3, symmetric: true, clip: 'none' }],
    ['half scales', { ...TWO, scales: 'float16' }],
  ])(
    'changes the scales, brings the model closer, and nothing else: %s',
    async (_, options) => {
      const quantize = { method: 'round-to-nearest', options };
      const before = await finished(learned, [quantize]);
      const after = await finished(learned, [quantize, tune]);
      expect(after.kl).toBeLessThan(0.95 * before.kl);
      const [old, now] = [await bytesOf(before.model), await bytesOf(after.model)];
      expect([...now.keys()]).toEqual([...old.keys()]);
      const changed = [...now].filter(([name, bytes]) => bytes.join() !== old.get(name)?.join());
      expect(changed.length).toBeGreaterThan(5);
      expect(changed.filter(([name]) => !name.endsWith('_scales'))).toEqual([]);
      expect(after.model.graph.nodes.map(({ opType }) => opType)).toEqual(
        before.model.graph.nodes.map(({ opType }) => opType),
      );
    },
    60_000,
  );

  it('tunes a file that was quantized in another sitting', async () => {
    const open = await openModel(await decoderFolder(rounded.model));
    const labels = { ...tune, options: { ...tune.options, from: 'labels' } };
    const { report } = await finished(open, [labels]);
    const record = report?.training?.[0];
    expect(record?.after.value).toBeLessThan(record?.before.value ?? 0);
  }, 60_000);
});
