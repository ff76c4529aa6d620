import { describe, expect, it } from 'vitest';
import { testHost } from '../../../test/support/sample.ts';
import { decoderFolder, tinyDecoder, wordText } from '../../../test/support/tiny-decoder.ts';
import { findLayers } from '../../core/anatomy/layers.ts';
import { writeEncodings, type Encoded } from '../../core/encodings/index.ts';
import { readWeight } from '../../core/methods/weight.ts';
import { planRecipe } from '../../core/recipe/plan.ts';
import { parseRecipe } from '../../core/recipe/schema.ts';
import type { Model } from '../../core/onnx/types.ts';
import { toFloat32 } from '../../core/tensor/convert.ts';
import { elementCount } from '../../core/tensor/data-type.ts';
import { createNodeRuntime } from '../../runtime/ort-node.ts';
import { openModel, type OpenModel } from '../model/open.ts';
import { readWritten, writtenBytes } from '../model/written.ts';
import { runTrial } from '../run-trial.ts';
import { TrialStore } from '../trials/store.ts';

const FIXTURE = 'gpt2 plain, opset 13';
const TRAINING = { steps: 30, batchSize: 4, validateEvery: 10, warmup: 2, learningRate: 0.003 };
const HEAL = { method: 'heal', target: 'all', options: TRAINING };
const PRUNE = { method: 'magnitude', target: 'feed-forward', options: { sparsity: 0.5 } };

/** A model that has learned what the words are like, so that pruning it costs something. */
const learned = await (async () => {
  const open = await openModel(await decoderFolder(tinyDecoder(FIXTURE)));
  const train = { method: 'fine-tune', options: { ...TRAINING, steps: 60, learningRate: 0.02 } };
  return openModel(await decoderFolder((await run(open, [train])).model));
})();

async function run(open: OpenModel, steps: readonly unknown[]) {
  const calibration = { data: 'words.txt', samples: 16, length: 12 };
  const recipe = parseRecipe({ version: 1, seed: 5, calibration, steps });
  const host = { ...testHost(), runtime: () => createNodeRuntime({ threads: 1 }) };
  const data = { calibration: wordText(600, 1), evaluation: wordText(300, 2) };
  const { id, report } = await runTrial(host, { open, recipe, ...data }, { progress: () => {} });
  const written = await new TrialStore(host.storage).written(id);
  const planned = await planRecipe(open.model, open.anatomy, recipe);
  expect(writtenBytes(written)).toBe(planned.bytes);
  const kl = report?.evaluation?.compressed.kl?.value ?? Number.NaN;
  return { report, kl, model: await readWritten(written) };
}

async function values(model: Model, name: string): Promise<Float32Array> {
  const tensor = model.graph.initializers.find((found) => found.name === name);
  if (tensor === undefined) throw new Error(`There is no "${name}".`);
  return toFloat32(tensor.dataType, await tensor.data.read(), elementCount(tensor.dims)).slice();
}

const zeros = (array: Float32Array): readonly number[] =>
  [...array.keys()].filter((at) => array[at] === 0);

const pruned = learned.anatomy.layers
  .filter(({ role }) => role === 'up' || role === 'down')
  .map(({ weight }) => weight);

const before = await run(learned, [PRUNE]);

describe('heal after pruning', () => {
  it.each([
    ['full', 'teacher'],
    ['lora', 'teacher'],
    ['norms', 'teacher'],
  ])(
    'how "%s", from "%s": the distance falls, zeros stay, the file keeps its size',
    async (how, from) => {
      const healing = { ...HEAL, options: { ...TRAINING, how, from, rank: 2 } };
      const after = await run(learned, [PRUNE, healing]);
      expect(before.kl).toBeGreaterThan(0.001);
      expect(after.kl).toBeLessThan(before.kl);
      const record = after.report?.training?.[0];
      expect(record?.after.value).toBeLessThan(record?.before.value ?? 0);
      for (const name of pruned) {
        const [old, now] = [await values(before.model, name), await values(after.model, name)];
        expect(zeros(old).length).toBeGreaterThanOrEqual(old.length / 2);
        expect(zeros(now), name).toEqual(zeros(old));
        if (how === 'norms') expect(now).toEqual(old);
        else expect(now).not.toEqual(old);
      }
      const bytes = ({ graph }: Model) =>
        graph.initializers.map(({ name, dims, data }) => [name, dims, data.byteLength]);
      expect(bytes(after.model)).toEqual(bytes(before.model));
    },
    60_000,
  );

  it('compares hidden states of the blocks both have', async () => {
    const options = { ...TRAINING, steps: 2, hidden: 1 };
    const { report } = await run(learned, [PRUNE, { ...HEAL, options }]);
    expect(report?.training?.[0].curve.length).toBeGreaterThan(0);
  }, 60_000);
});

/** Each feed-forward weight in another form of storage. */
async function stored(
  form: (values: Float32Array, rows: number, columns: number) => Encoded,
): Promise<Model> {
  const layers = findLayers(learned.model).filter(({ weight }) => pruned.includes(weight));
  const encoded = layers.map(async (layer) => ({
    layer,
    encoded: form(
      (await readWeight(learned.model, layer)).values,
      layer.outFeatures,
      layer.inFeatures,
    ),
  }));
  return writeEncodings(learned.model, await Promise.all(encoded)).model;
}

const plain = (array: Float32Array): Encoded => ({ kind: 'plain', dataType: 1, values: array });

describe('heal over weights that are stored otherwise', () => {
  it.each(['full', 'lora'])(
    'how "%s": the kept values of sparse ones learn, their masks stay',
    async (how) => {
      const sparse = await stored((all) => {
        const mask = Uint8Array.from(all, (_, at) => Number(at % 3 !== 0));
        const keep = mask.reduce((sum, bit) => sum + bit, 0);
        return { kind: 'masked', keep, mask, values: plain(all.filter((_, at) => at % 3 !== 0)) };
      });
      const open = await openModel(await decoderFolder(sparse));
      const { model, report } = await run(open, [
        { ...HEAL, options: { ...TRAINING, how, rank: 2, from: 'labels' } },
      ]);
      expect(report?.training?.[0].after.value).toBeLessThan(
        report?.training?.[0].before.value ?? 0,
      );
      const { initializers } = open.model.graph;
      const kept = initializers.filter(({ name }) => name.includes('_kept'));
      expect(kept).toHaveLength(pruned.length);
      for (const { name } of kept) {
        expect(await values(model, name), name).not.toEqual(await values(open.model, name));
      }
      for (const { name, data } of initializers.filter((t) => t.name.endsWith('_mask'))) {
        const now = model.graph.initializers.find((tensor) => tensor.name === name);
        expect(await now?.data.read()).toEqual(await data.read());
      }
    },
    60_000,
  );

  it('both factors of low-rank ones learn', async () => {
    const low = await stored((all, rows, columns) => {
      const factor = (count: number) => plain(all.slice(0, count).map((v, at) => v + 1e-3 * at));
      const [left, right] = [factor(rows * 3), factor(3 * columns)];
      return { kind: 'product', rank: 3, left, right };
    });
    const open = await openModel(await decoderFolder(low));
    const { model } = await run(open, [{ ...HEAL, options: { ...TRAINING, from: 'labels' } }]);
    const factors = open.model.graph.initializers.filter(({ name }) =>
      /_(left|right)_fp32$/.test(name),
    );
    expect(factors).toHaveLength(2 * pruned.length);
    for (const { name } of factors) {
      expect(await values(model, name), name).not.toEqual(await values(open.model, name));
    }
  }, 60_000);

  it('codes are left as they are with the reason, what is around them learns', async () => {
    const quantize = { method: 'round-to-nearest', target: 'feed-forward', options: { bits: 3 } };
    const coded = await run(learned, [quantize]);
    const { kl, report } = await run(learned, [quantize, HEAL]);
    expect(kl).toBeLessThan(coded.kl);
    expect(report?.training?.[0].trainedParameters).toBeGreaterThan(0);
  }, 60_000);
});
