import { beforeAll, describe, expect, it } from 'vitest';
import { storiesModel } from '../../../test/support/stories.ts';
import { blockAblations } from '../../core/ablation/block-ablations.ts';
import { headAblations } from '../../core/ablation/head-ablations.ts';
import type { Ablation } from '../../core/ablation/types.ts';
import { compareLogits } from '../../core/kernels/compare-logits.ts';
import { placeOf } from '../../core/encodings/index.ts';
import { memoryData } from '../../core/onnx/tensor-data.ts';
import { withoutBlocks } from '../../core/methods/distillation/distill/shallow.ts';
import { seededRandom } from '../../core/random/seeded.ts';
import type { CaptureBatch } from '../capture.ts';
import { languageFeeds, realPositions } from '../feeds.ts';
import { createWasmRuntime } from '../ort-wasm.ts';
import { inputPorts } from '../ports.ts';
import type { Runtime } from '../types.ts';
import { measureAblations, type AblationRun } from './measure-ablations.ts';

const { model, anatomy } = storiesModel();
const heads = headAblations(anatomy);
const blocks = blockAblations(anatomy, model);

/** Two batches of windows, the last one of unequal lengths. */
const LENGTHS = [
  [9, 9],
  [9, 5],
];
const batches = LENGTHS.map((lengths, b): CaptureBatch => {
  const random = seededRandom(b, 'ids');
  const windows = lengths.map((length) =>
    Int32Array.from({ length }, () => Math.floor(random.next() * 512)),
  );
  return {
    feeds: languageFeeds(inputPorts(model), { windows }),
    mask: realPositions({ windows }),
  };
});

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createWasmRuntime({ threads: 1 });
});

const run = (ablations: readonly Ablation[], more: Partial<AblationRun> = {}) => ({
  ...{ model, ablations, batches, output: 'logits', measure: 'kl' as const },
  ...{ enough: { rows: 1000, examples: 100 }, ...more },
});

/** Mean KL of whole models, run by themselves, over the positions that are no padding. */
async function klOfWhole(other: typeof model): Promise<number> {
  const sessions = [await runtime.open(model), await runtime.open(other)];
  const found: number[] = [];
  for (const { feeds, mask } of batches) {
    const [p, q] = await Promise.all(
      sessions.map(async (s) => (await s.run(feeds, ['logits']))['logits'].data as Float32Array),
    );
    const rows = p.length / 512;
    const { kl } = compareLogits(p, q, rows, 512, new Int32Array(rows));
    found.push(...kl.filter((_, row) => mask?.[row] !== 0));
  }
  for (const session of sessions) await session.release();
  return found.reduce((sum, kl) => sum + kl, 0) / found.length;
}

describe('measureAblations', () => {
  it('gives the KL of the model without the block, run by itself', async () => {
    const losses = await measureAblations(runtime, run(blocks));
    for (const [at, { value, measure, n }] of losses.entries()) {
      const kept = anatomy.blocks.map(({ index }) => index).filter((index) => index !== at);
      const expected = await klOfWhole(withoutBlocks(model, anatomy, kept));
      expect(value / expected).toBeCloseTo(1, 4);
      expect([measure, n]).toEqual(['kl', 4]);
    }
  });

  it('gives the KL of several parts that go together, in whatever order they are named', async () => {
    const together = { gates: [...blocks[3].gates, ...blocks[1].gates] };
    const [loss] = await measureAblations(runtime, run([together]));
    const expected = await klOfWhole(withoutBlocks(model, anatomy, [0, 2, 4]));
    expect(loss.value / expected).toBeCloseTo(1, 4);
  });

  it.each([
    ['one layer reads', anatomy.layers[9].name],
    ['look-up and head share', 'model.embed_tokens.weight'],
  ])('gives the KL of the model with other values in a weight that %s', async (_, name) => {
    const layer = anatomy.layers.find((own) => own.name === name) ?? anatomy.layers[0];
    const weight = placeOf(model, layer)?.weight;
    if (weight === undefined) throw new Error(`${name} is no plain weight.`);
    const values = new Float32Array((await weight.data.read()).slice().buffer);
    const halved = values.map((value, at) => (at % 3 === 0 ? value : value / 2));
    const data = memoryData(new Uint8Array(halved.buffer));
    const initializers = model.graph.initializers.map((tensor) =>
      tensor === weight ? { ...tensor, data } : tensor,
    );
    const replaced = [
      { weight: weight.name, by: 'halved', values: () => Promise.resolve(halved) },
      { weight: weight.name, by: 'itself', values: () => Promise.resolve(values) },
    ];
    const ablations = replaced.map((own) => ({ gates: [], replaced: [own] }));
    const gated = { gates: blocks[2].gates, replaced: [replaced[0]] };
    const losses = await measureAblations(runtime, run([...ablations, gated, blocks[2]]));
    const expected = await klOfWhole({ ...model, graph: { ...model.graph, initializers } });
    expect(losses[0].value / expected).toBeCloseTo(1, 4);
    expect(losses[1]).toMatchObject({ value: 0, standardError: 0 });
    expect(losses[2].value).not.toBe(losses[3].value);
  });

  it('refuses weights that are not there, and too few values', async () => {
    const values = () => Promise.resolve(new Float32Array(3));
    const other = (weight: string) => ({ gates: [], replaced: [{ weight, by: 'three', values }] });
    await expect(measureAblations(runtime, run([other('none')]))).rejects.toThrow(
      'The model has no weight "none" to give other values; name one of its initializers.',
    );
    const known = other('model.embed_tokens.weight');
    await expect(measureAblations(runtime, run([known]))).rejects.toThrow(
      'The weight "model.embed_tokens.weight" was to be given 3 other values, and it holds 32768; give it as many.',
    );
  });

  it('costs nothing where nothing is switched off, and does not depend on what else is measured', async () => {
    const nothing = { gates: [] };
    const [free, first] = await measureAblations(runtime, run([nothing, heads[0], blocks[2]]));
    expect(free).toMatchObject({ value: 0, standardError: 0 });
    const cutAt = [heads[0], blocks[2]];
    const [alone] = await measureAblations(runtime, run([heads[0]], { cutAt }));
    expect(alone).toEqual(first);
    expect(first.value).toBeGreaterThan(0);
  });

  it('takes no more than is enough, and tells how far it is', async () => {
    const told: number[][] = [];
    const enough = { rows: 18, examples: 100 };
    const losses = await measureAblations(runtime, run(heads.slice(0, 2), { enough }), {
      progress: ({ ablations, batches: done, batchesLeft }) =>
        told.push([ablations, done, batchesLeft]),
    });
    expect(losses.map(({ n }) => n)).toEqual([2, 2]);
    expect(told).toEqual([
      [1, 0, 1],
      [2, 0, 1],
    ]);
  });

  it('compares outputs that are no scores by their distance', async () => {
    const value = anatomy.blocks[2].output;
    const outputs = [...model.graph.outputs, { name: value }];
    const vectors = { ...model, graph: { ...model.graph, outputs } };
    const measure = 'relative distance';
    const more = { model: vectors, output: value, measure } as const;
    const [zero, block] = await measureAblations(
      runtime,
      run([{ gates: [{ value }] }, blocks[1]], more),
    );
    expect(zero).toMatchObject({ measure, value: 1, standardError: 0, n: 4 });
    expect(block.value).toBeGreaterThan(0);
  });

  it('opens one part at a time where the model is too large for more', async () => {
    const whole = await measureAblations(runtime, run(blocks.slice(0, 2)));
    let open = 0;
    let most = 0;
    const counting: Runtime = {
      ...runtime,
      open: async (part, options) => {
        most = Math.max(most, ++open);
        const session = await runtime.open(part, options);
        return {
          ...{ inputs: session.inputs, outputs: session.outputs },
          run: (feeds, names) => session.run(feeds, names),
          runOnDevice: (feeds) => session.runOnDevice(feeds),
          release: () => (open--, session.release()),
        };
      },
    };
    const apart = run(blocks.slice(0, 2), { together: false });
    expect(await measureAblations(counting, apart)).toEqual(whole);
    expect([open, most]).toEqual([0, 1]);
  });

  it('stops when cancelled, with nothing left open', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const started = measureAblations(runtime, run(heads), {
      signal,
      progress: () => controller.abort(),
    });
    await expect(started).rejects.toThrow('cancelled');
  });

  it('refuses columns that are not there', async () => {
    const value = heads[0].layer.input;
    const outside = { gates: [{ value, columns: [{ from: 60, end: 65 }] }] };
    await expect(measureAblations(runtime, run([outside]))).rejects.toThrow(
      `The columns 60 to 64 of "${value}" were to be switched off, and it has 64; name columns that are there.`,
    );
  });
});
