import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { TokenWindow } from '../../core/data/types.ts';
import { GraphBuilder } from '../../core/onnx/build/graph-builder.ts';
import { readModel } from '../../core/onnx/read.ts';
import { bytesSource } from '../../core/onnx/source.ts';
import { memoryData } from '../../core/onnx/tensor-data.ts';
import type { Model } from '../../core/onnx/types.ts';
import { normal, seededRandom } from '../../core/random/seeded.ts';
import { languageFeeds } from '../feeds.ts';
import { createWasmRuntime } from '../ort-wasm.ts';
import type { Session } from '../types.ts';
import { evaluate } from './evaluate.ts';
import type { ExampleBatch, SoFar } from './types.ts';

const runtime = await createWasmRuntime({ threads: 1 });
const samples = new URL('../../../public/samples/', import.meta.url);

async function sample(name: string): Promise<Model> {
  const bytes = await readFile(new URL(`${name}/model.onnx`, samples));
  return readModel(bytesSource(new Uint8Array(bytes)));
}

/** The model with every large float32 weight rounded to `bits` fractional steps of its maximum. */
async function rounded(model: Model, levels: number): Promise<Model> {
  const initializers = await Promise.all(
    model.graph.initializers.map(async (tensor) => {
      if (tensor.dataType !== 1 || tensor.data.byteLength < 2000) return tensor;
      const bytes = (await tensor.data.read()).slice();
      const values = new Float32Array(bytes.buffer);
      const step = values.reduce((top, v) => Math.max(top, Math.abs(v)), 0) / levels;
      values.forEach((v, i) => (values[i] = Math.round(v / step) * step));
      return { ...tensor, data: memoryData(bytes) };
    }),
  );
  return { ...model, graph: { ...model.graph, initializers } };
}

const windows: TokenWindow[] = Array.from({ length: 6 }, (_, document) => {
  const random = seededRandom(document, 'window');
  const ids = Int32Array.from({ length: 20 + document }, () => Math.floor(random.next() * 512));
  ids[0] = 1;
  return { ids, firstCounted: document === 3 ? 8 : 1, document };
});

/** Straight from the definitions, in float64. */
function logSoftmax(row: Float32Array): Float64Array {
  const top = Math.max(...row);
  const total = Math.log(row.reduce((sum, v) => sum + Math.exp(v - top), 0)) + top;
  return Float64Array.from(row, (v) => v - total);
}

const stories = await sample('stories');
const original = await runtime.open(stories);
const model = await runtime.open(await rounded(stories, 20));

describe('evaluating a language model', () => {
  it('agrees with the definitions, window by window', async () => {
    const seen: number[] = [];
    const found = await evaluate(
      { original: { session: original }, model: { session: model } },
      { task: 'language-model', windows },
      { progress: (fraction) => seen.push(fraction) },
    );
    const track = {
      p: [] as number[],
      q: [] as number[],
      kl: [] as number[],
      same: [] as number[],
    };
    for (const { ids, firstCounted } of windows) {
      const feeds = languageFeeds(original.inputs, { windows: [ids] });
      const p = (await original.run(feeds)).logits.data as Float32Array;
      const q = (await model.run(feeds)).logits.data as Float32Array;
      for (let t = firstCounted; t < ids.length; t++) {
        const a = logSoftmax(p.subarray((t - 1) * 512, t * 512));
        const b = logSoftmax(q.subarray((t - 1) * 512, t * 512));
        track.p.push(-a[ids[t]]);
        track.q.push(-b[ids[t]]);
        track.kl.push(a.reduce((sum, v, i) => sum + Math.exp(v) * (v - b[i]), 0));
        track.same.push(Number(a.indexOf(Math.max(...a)) === b.indexOf(Math.max(...b))));
      }
    }
    const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
    const close = (value: number | undefined, wanted: number) =>
      expect(Math.abs((value ?? NaN) - wanted)).toBeLessThan(2e-6 * Math.max(1, Math.abs(wanted)));
    expect(found.n).toBe(track.p.length);
    expect(found.n).toBe(20 + 21 + 22 + 23 + 24 + 25 - 5 - 8);
    close(found.original.perplexity?.value, Math.exp(mean(track.p)));
    close(found.compressed.perplexity?.value, Math.exp(mean(track.q)));
    close(found.compressed.kl?.value, mean(track.kl));
    close(found.compressed.sameTop1?.value, mean(track.same));
    close(found.difference.perplexity?.value, Math.exp(mean(track.q)) - Math.exp(mean(track.p)));
    close(
      found.compressed.deltaP?.value,
      mean(track.p.map((p, i) => Math.exp(-track.q[i]) - Math.exp(-p))),
    );
    expect(found.compressed.kl?.value).toBeGreaterThan(0);
    expect(found.difference.perplexity?.standardError).toBeLessThan(
      found.compressed.perplexity?.standardError ?? 0,
    );
    expect(seen).toEqual([1, 2, 3, 4, 5, 6].map((i) => i / 6));
    expect(found.runs).toBe(6);
    expect(found.tokensPerSecond).toBeGreaterThan(0);
  });

  it('finds no distance between a model and itself', async () => {
    const {
      compressed,
      difference,
      original: own,
    } = await evaluate(
      { original: { session: original }, model: { session: original } },
      { task: 'language-model', windows },
    );
    expect(compressed.kl?.value).toBeCloseTo(0, 12);
    expect(compressed.sameTop1?.value).toBe(1);
    expect(compressed.perplexity).toEqual(own.perplexity);
    expect(difference.perplexity).toMatchObject({ value: 0, standardError: 0 });
  });

  it('measures a model alone', async () => {
    const { original: none, compressed } = await evaluate(
      { model: { session: model } },
      { task: 'language-model', windows },
    );
    expect(none).toEqual({});
    expect(Object.keys(compressed)).toEqual(['perplexity']);
  });

  it('says what it came to so far, and ends where that is enough', async () => {
    const told: SoFar[] = [];
    const contenders = { original: { session: original }, model: { session: model } };
    const found = await evaluate(
      contenders,
      { task: 'language-model', windows },
      { interim: (soFar) => told.push(soFar), enough: () => told.length > 0 },
    );
    expect(found.stopped).toEqual({ done: 4, of: 6 });
    expect(found.runs).toBe(4);
    const first = await evaluate(contenders, {
      ...{ task: 'language-model', windows: windows.slice(0, 4) },
    });
    expect(first).not.toHaveProperty('stopped');
    expect(found.compressed).toEqual(first.compressed);
    expect(found.each).toEqual(first.each);
    const [{ done, of, original: before, compressed, difference }] = told;
    expect([told.length, done, of]).toEqual([1, 4, 6]);
    expect(before).toEqual(first.original);
    expect(difference).toEqual(first.difference);
    expect(compressed.perplexity).toEqual(first.compressed.perplexity);
    expect(compressed.kl).toEqual(first.compressed.kl);
  });

  it('stops when cancelled', async () => {
    const controller = new AbortController();
    const running = evaluate(
      { original: { session: original }, model: { session: model } },
      { task: 'language-model', windows },
      { signal: controller.signal, progress: () => controller.abort() },
    );
    await expect(running).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('refuses what it cannot measure, in words', async () => {
    const beyond = [{ ids: Int32Array.of(1, 2, 600), firstCounted: 1, document: 0 }];
    await expect(
      evaluate({ model: { session: model } }, { task: 'language-model', windows: beyond }),
    ).rejects.toMatchObject({ code: 'index-out-of-range' });
    const last = new GraphBuilder('last');
    const ids = last.input('input_ids', 'int64', ['b', 's']);
    const table = last.floats('t', [512, 4], new Float32Array(2048));
    const mean = last.op('ReduceMean', [last.op('Gather', [table, ids])], { axes: [1] });
    last.output(mean, 'float32', ['b', 1, 4], 'logits');
    const session = await runtime.open(last.finish());
    await expect(
      evaluate({ model: { session } }, { task: 'language-model', windows: windows.slice(0, 1) }),
    ).rejects.toThrow(
      'The model gave 1 rows of scores for 20 tokens, but perplexity needs one per token; export the model so that it returns the logits of all positions.',
    );
    await session.release();
  });
});

function pictures(count: number, seed: number): ExampleBatch {
  const random = seededRandom(seed, 'pictures');
  const data = Float32Array.from({ length: count * 784 }, () => normal(random));
  const name = 'image';
  return {
    feeds: { [name]: { dataType: 1, dims: [count, 1, 28, 28], data } },
    count,
    labels: Int32Array.from({ length: count }, (_, i) => i % 10),
  };
}

describe('evaluating a classifier', () => {
  it('counts right answers and flips', async () => {
    const digits = await sample('digits');
    const original = await runtime.open(digits);
    const model = await runtime.open(await rounded(digits, 3));
    const input = original.inputs[0].name;
    const batches = [pictures(40, 1), pictures(24, 2)].map((batch) => ({
      ...batch,
      feeds: { [input]: batch.feeds['image'] },
    }));
    const contenders = { original: { session: original }, model: { session: model } };
    const found = await evaluate(contenders, { task: 'classifier', batches, total: 64 });
    const output = original.outputs[0].name;
    const choices = async (session: Session) => {
      const rows: number[] = [];
      for (const { feeds, count } of batches) {
        const scores = (await session.run(feeds))[output].data as Float32Array;
        for (let r = 0; r < count; r++) {
          const row = [...scores.subarray(r * 10, r * 10 + 10)];
          rows.push(row.indexOf(Math.max(...row)));
        }
      }
      return rows;
    };
    const [a, b] = [await choices(original), await choices(model)];
    const labels = batches.flatMap((batch) => [...(batch.labels ?? [])]);
    const share = (hits: boolean[]) => hits.filter(Boolean).length / hits.length;
    expect(found.n).toBe(64);
    expect(found.original.accuracy?.value).toBe(share(a.map((v, i) => v === labels[i])));
    expect(found.compressed.accuracy?.value).toBe(share(b.map((v, i) => v === labels[i])));
    expect(found.compressed.agreement?.value).toBe(share(a.map((v, i) => v === b[i])));
    expect(found.answers).toEqual({ expected: labels, original: a, compressed: b });
    expect(found.each?.original).toEqual(a.map((v, i) => Number(v === labels[i])));
    expect(found.each?.compressed).toEqual(b.map((v, i) => Number(v === labels[i])));
    expect(found.flipped).toEqual(a.flatMap((v, i) => (v === b[i] ? [] : [i])));
    expect(found.flipped?.length).toBeGreaterThan(0);
    const told: SoFar[] = [];
    const half = await evaluate(
      contenders,
      { task: 'classifier', batches, total: 64 },
      { interim: (soFar) => told.push(soFar), enough: () => told.length > 0 },
    );
    const { done } = half.stopped ?? {};
    expect(half.stopped).toEqual({ done: batches[0].count, of: 64 });
    expect(half.n).toBe(done);
    expect(half.answers?.original).toEqual(a.slice(0, done));
    expect(told[0].difference.accuracy).toEqual(half.difference.accuracy);
    expect(told[0].compressed.agreement).toEqual(half.compressed.agreement);
    expect(found.compressed.kl?.value).toBeGreaterThan(0);
    expect(found.difference.accuracy?.value).toBeCloseTo(
      (found.compressed.accuracy?.value ?? 0) - (found.original.accuracy?.value ?? 0),
      12,
    );
    await original.release();
    await model.release();
  });
});

describe('evaluating outputs of unknown meaning', () => {
  function scaled(factor: number): Model {
    const g = new GraphBuilder('scaled');
    const x = g.input('x', 'float32', ['n', 's', 2]);
    g.output(
      g.op('Mul', [x, g.floats('f', [1], Float32Array.of(factor))]),
      'float32',
      ['n', 's', 2],
      'y',
    );
    g.output(g.op('Relu', [x]), 'float32', ['n', 's', 2], 'z');
    return g.finish();
  }
  const data = Float32Array.of(1, 2, 3, 4, -5, 6, 7, 8);
  const batch = { feeds: { x: { dataType: 1, dims: [2, 2, 2], data } }, count: 2 };

  it('gives relative error and SQNR per output, cosine for encoders', async () => {
    const original = await runtime.open(scaled(1));
    const model = await runtime.open(scaled(1.1));
    const contenders = { original: { session: original }, model: { session: model } };
    const generic = await evaluate(contenders, { task: 'unknown', batches: [batch], total: 2 });
    expect(generic.outputs?.map((output) => output.name)).toEqual(['y', 'z']);
    expect(generic.outputs?.[0].relativeError.value).toBeCloseTo(0.1, 6);
    expect(generic.outputs?.[0].sqnr.value).toBeCloseTo(20, 4);
    expect(generic.outputs?.[1].relativeError.value).toBe(0);
    expect(generic.compressed).not.toHaveProperty('cosine');
    const encoder = await evaluate(contenders, { task: 'encoder', batches: [batch], total: 2 });
    expect(encoder.compressed.cosine?.value).toBeCloseTo(1, 6);
    expect(encoder.each).toEqual({ metric: 'cosine', compressed: [1, 1] });
    expect(generic).not.toHaveProperty('each');
    expect(encoder.n).toBe(2);
    await original.release();
    await model.release();
  });

  it('leaves padding out of an embedding', async () => {
    const original = await runtime.open(scaled(1));
    const flipped = new GraphBuilder('flipped');
    const x = flipped.input('x', 'float32', [1, 2, 2]);
    const signs = flipped.floats('s', [1, 2, 1], Float32Array.of(1, -1));
    flipped.output(flipped.op('Mul', [x, signs]), 'float32', [1, 2, 2], 'y');
    const model = await runtime.open(flipped.finish());
    const one = {
      feeds: { x: { dataType: 1, dims: [1, 2, 2], data: data.slice(0, 4) } },
      count: 1,
    };
    const cosine = async (mask?: Uint8Array) => {
      const batches = [{ ...one, mask }];
      const found = await evaluate(
        { original: { session: original }, model: { session: model } },
        { task: 'encoder', batches, total: 1 },
      );
      return found.compressed.cosine?.value;
    };
    expect(await cosine(Uint8Array.of(1, 0))).toBeCloseTo(1, 12);
    // (1,2)+(3,4) against (1,2)−(3,4): (4,6)·(−2,−2) / …
    expect(await cosine()).toBeCloseTo(-20 / Math.sqrt(52 * 8), 12);
    await original.release();
    await model.release();
  });

  it('needs an original', async () => {
    const model = await runtime.open(scaled(1));
    await expect(
      evaluate({ model: { session: model } }, { task: 'unknown', batches: [batch], total: 2 }),
    ).rejects.toThrow(
      'This model has no labels and predicts no tokens, so it can only be compared with its original; give the original with --baseline.',
    );
    await model.release();
  });
});
