import { describe, expect, it } from 'vitest';
import { NO_LABEL } from '../../core/data/position-labels.ts';
import { GraphBuilder } from '../../core/onnx/build/graph-builder.ts';
import { DataType } from '../../core/tensor/data-type.ts';
import type { Value } from '../../core/tensor/values.ts';
import { createWasmRuntime } from '../ort-wasm.ts';
import { eachEstimate } from '../../core/report/each.ts';
import type { Session } from '../types.ts';
import { evaluate } from './evaluate.ts';
import type { ExampleBatch } from './types.ts';

const runtime = await createWasmRuntime({ threads: 1 });

const ids = (dims: readonly number[], values: readonly number[]): Value => ({
  dataType: DataType.int64,
  dims,
  data: BigInt64Array.from(values, BigInt),
});

/** Scores of each token looked up: what a token is called, whatever stands around it. */
async function tagger(table: readonly (readonly number[])[], output = 'logits'): Promise<Session> {
  const g = new GraphBuilder('tagger');
  const tokens = g.input('input_ids', 'int64', ['batch', 'sequence']);
  const classes = table[0].length;
  const scores = g.floats('table', [table.length, classes], Float32Array.from(table.flat()));
  g.output(g.op('Gather', [scores, tokens]), 'float32', ['batch', 'sequence', classes], output);
  return runtime.open(g.finish());
}

const NAMES = ['O', 'B-PER', 'I-PER'];
const RIGHT = [
  [3, 0, 0],
  [0, 3, 0],
  [0, 0, 3],
];
/** Takes what goes on in a name for the beginning of one. */
const WRONG = [RIGHT[0], RIGHT[1], [0, 2, 1]];

describe('evaluating a token classifier', () => {
  const batch: ExampleBatch = {
    feeds: { input_ids: ids([2, 4], [0, 1, 2, 0, 1, 0, 0, 0]) },
    count: 2,
    mask: Uint8Array.of(1, 1, 1, 1, 1, 1, 0, 0),
  };
  const labels = {
    width: 4,
    values: Int32Array.of(NO_LABEL, 1, 2, 0, 1, 0, NO_LABEL, NO_LABEL),
  };
  const data = (change: Partial<ExampleBatch> = {}, names = NAMES) =>
    ({ task: 'token-classifier', batches: [{ ...batch, ...change }], total: 2, names }) as const;

  it('counts labelled positions and whole spans', async () => {
    const contenders = {
      original: { session: await tagger(RIGHT) },
      model: { session: await tagger(WRONG) },
    };
    const found = await evaluate(contenders, data({ positionLabels: labels }));
    expect(found.original.accuracy).toMatchObject({ value: 1, n: 5 });
    expect(found.compressed.accuracy).toMatchObject({ value: 0.8, n: 5 });
    expect(found.difference.accuracy?.value).toBeCloseTo(-0.2, 12);
    // Wanted: PER 0-2 and PER 0-1; found: PER 0-1, PER 1-2 and PER 0-1. Shared: one.
    expect(found.original.spanF1).toMatchObject({ value: 1, n: 2 });
    expect(found.compressed.spanF1).toMatchObject({ value: 0.4, n: 2 });
    expect(found.compressed.agreement?.value).toBeCloseTo(0.8, 12);
    expect(found.compressed.spanAgreement?.value).toBeCloseTo(0.4, 12);
    expect(found.flipped).toEqual([0]);
    expect(found.each?.metric).toBe('accuracy');
    expect(found.each?.original).toEqual(found.each?.counts?.map(() => 1));
    const again = found.each && eachEstimate(found.each);
    expect(again?.value).toBeCloseTo(found.compressed.accuracy?.value ?? NaN, 9);
    expect(again?.n).toBe(found.compressed.accuracy?.n);
    const soft = (row: readonly number[]) => {
      const total = row.reduce((sum, v) => sum + Math.exp(v), 0);
      return row.map((v) => Math.exp(v) / total);
    };
    const [p, q] = [soft(RIGHT[2]), soft(WRONG[2])];
    const kl = p.reduce((sum, share, c) => sum + share * Math.log(share / q[c]), 0);
    expect(found.compressed.kl?.value).toBeCloseTo(kl / 5, 6);
  });

  it('counts what is no padding where there are no labels, and no spans without their names', async () => {
    const session = await tagger(RIGHT);
    const contenders = { original: { session }, model: { session } };
    const found = await evaluate(contenders, data({}, ['a', 'b', 'c']));
    expect(found.compressed.agreement).toMatchObject({ value: 1, n: 6 });
    expect(found.compressed).not.toHaveProperty('spanAgreement');
    expect(found.compressed).not.toHaveProperty('accuracy');
    expect(found.each).toMatchObject({ metric: 'kl', compressed: [0, 0] });
    const alone = await evaluate({ model: { session } }, data({ positionLabels: labels }));
    expect(alone.compressed).toMatchObject({ accuracy: { value: 1 }, spanF1: { value: 1 } });
  });

  it('refuses labels of other positions, none at all, and other classes', async () => {
    const session = await tagger(RIGHT);
    const narrow = { width: 2, values: Int32Array.of(0, 0, 0, 0) };
    await expect(
      evaluate({ model: { session } }, data({ positionLabels: narrow })),
    ).rejects.toThrow(
      'The data has labels for 2 positions of an example and the model scores 4, so they do not belong to each other; give one label for each position that the model scores.',
    );
    const none = { width: 4, values: new Int32Array(8).fill(NO_LABEL) };
    await expect(evaluate({ model: { session } }, data({ positionLabels: none }))).rejects.toThrow(
      'No position of the data counts, because all are padding or have the label −100, so nothing can be measured; give labels from 0 at the positions that count.',
    );
    const two = await tagger(RIGHT.map((row) => row.slice(0, 2)));
    await expect(
      evaluate({ original: { session }, model: { session: two } }, data()),
    ).rejects.toThrow(
      'The original scores 3 classes and the model 2, so their answers cannot be compared; give the original that this model was made from.',
    );
  });
});

/** x·(M·t) for one-hot images x and texts t: the score of image i and text j is M[i][j]. */
async function matcher(scores: readonly (readonly number[])[]): Promise<Session> {
  const g = new GraphBuilder('pairs');
  const size = scores.length;
  const images = g.input('pixel_values', 'float32', ['images', size]);
  const texts = g.input('input_ids', 'int64', ['texts', 1]);
  const table = g.floats('table', [size, size], Float32Array.from(scores.flat()));
  const byImage = g.op('MatMul', [images, table]);
  const flat = g.op('Squeeze', [texts, g.integers('axis', [1])]);
  const matched = g.op('Gather', [byImage, flat], { axis: 1 });
  g.output(matched, 'float32', ['images', 'texts'], 'logits_per_image');
  return runtime.open(g.finish());
}

describe('evaluating pairs', () => {
  const images = (count: number): Value => {
    const data = new Float32Array(count * 3);
    for (let i = 0; i < count; i++) data[i * 3 + Math.min(i, 2)] = 1;
    return { dataType: DataType.float32, dims: [count, 3], data };
  };

  it('lets each image choose among the texts of its batch, equal texts counting as one', async () => {
    const original = await matcher([
      [2, 0, 0],
      [0, 2, 0],
      [0, 1, 2],
    ]);
    const model = await matcher([
      [2, 0, 0],
      [0, 2, 0],
      [0, 2, 1],
    ]);
    const feeds = { pixel_values: images(3), input_ids: ids([3, 1], [0, 1, 2]) };
    const contenders = { original: { session: original }, model: { session: model } };
    const data = { task: 'pairs', batches: [{ feeds, count: 3 }], total: 3 } as const;
    const found = await evaluate(contenders, data);
    expect(found.original.accuracy).toMatchObject({ value: 1, n: 3 });
    expect(found.compressed.accuracy?.value).toBeCloseTo(2 / 3, 12);
    expect(found.compressed.agreement?.value).toBeCloseTo(2 / 3, 12);
    expect(found.flipped).toEqual([2]);
    expect(found.each).toEqual({
      ...{ metric: 'accuracy', original: [1, 1, 1], compressed: [1, 1, 0] },
    });
    // The third text is the second once more: choosing either is right.
    const twice = { ...feeds, input_ids: ids([3, 1], [0, 1, 1]) };
    const again = await evaluate(contenders, {
      ...data,
      batches: [{ feeds: twice, count: 3 }],
    });
    expect(again.compressed.accuracy?.value).toBe(1);
    expect(again.compressed.agreement?.value).toBe(1);
  });
});

/** Start and end scores of each token, looked up. */
async function reader(start: readonly number[], end: readonly number[]): Promise<Session> {
  const g = new GraphBuilder('answers');
  const tokens = g.input('input_ids', 'int64', ['batch', 'sequence']);
  for (const [name, scores] of [
    ['start_logits', start],
    ['end_logits', end],
  ] as const) {
    const table = g.floats(`${name} table`, [scores.length], Float32Array.from(scores));
    g.output(g.op('Gather', [table, tokens]), 'float32', ['batch', 'sequence'], name);
  }
  return runtime.open(g.finish());
}

describe('evaluating where answers begin and end', () => {
  const batch: ExampleBatch = {
    feeds: { input_ids: ids([2, 3], [0, 1, 2, 1, 0, 2]) },
    count: 2,
    mask: Uint8Array.of(1, 1, 1, 1, 1, 0),
  };
  const data = { task: 'question-answering', batches: [batch], total: 2 } as const;

  it('asks for both ends, without padding', async () => {
    const original = { session: await reader([1, 0, 5], [0, 1, 5]) };
    const same = await evaluate({ original, model: original }, data);
    expect(same.compressed.agreement).toMatchObject({ value: 1, n: 2 });
    expect(same.compressed.kl?.value).toBe(0);
    // Token 0 ends the second answer now, token 2 being padding there.
    const model = { session: await reader([1, 0, 5], [2, 1, 5]) };
    const moved = await evaluate({ original, model }, data);
    expect(moved.compressed.agreement?.value).toBe(0.5);
    expect(moved.flipped).toEqual([1]);
    expect(moved.each).toMatchObject({ metric: 'kl' });
    expect(moved.each && eachEstimate(moved.each)?.value).toBeCloseTo(
      moved.compressed.kl?.value ?? NaN,
      9,
    );
    expect(moved.compressed.kl?.value).toBeGreaterThan(0);
  });

  it('needs an original, and both outputs', async () => {
    const session = await reader([1, 0, 5], [0, 1, 5]);
    await expect(evaluate({ model: { session } }, data)).rejects.toThrow(
      'Where answers begin and end can only be compared with an original; give the original with --baseline.',
    );
    const other = { session: await tagger(RIGHT) };
    await expect(evaluate({ original: other, model: other }, data)).rejects.toThrow(
      'The model has no two outputs that score the start and the end of an answer, so its answers cannot be compared; choose another task for it.',
    );
  });
});
