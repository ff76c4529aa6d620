import { describe, expect, it } from 'vitest';
import {
  expectedOutput,
  oneLayerModel,
  type TestOp,
} from '../../../../../test/fixtures/methods/models.ts';
import { encodedModel, firstStep, trainingOf } from '../../../../../test/support/methods.ts';
import { distance, longs, runModel } from '../../../../../test/support/run-model.ts';
import { storiesModel } from '../../../../../test/support/stories.ts';
import { tinyDecoder } from '../../../../../test/support/tiny-decoder.ts';
import { recognise } from '../../../anatomy/recognise.ts';
import { decodedValues, storedWeightOf } from '../../../encodings/index.ts';
import { makeTensor } from '../../../onnx/graph/make.ts';
import type { Model } from '../../../onnx/types.ts';
import { DataType, elementCount } from '../../../tensor/data-type.ts';
import { readWeight } from '../../weight.ts';
import { readTrained } from '../../tuning/read-trained.ts';
import { roundToNearest } from '../round-to-nearest/round-to-nearest.ts';
import { meta as baselineMeta } from '../round-to-nearest/meta.ts';
import { meta } from './meta.ts';
import { qat } from './qat.ts';

const [ROWS, COLUMNS] = [11, 45];

function pose({ model, layer }: ReturnType<typeof oneLayerModel>, options: object) {
  return trainingOf(qat, model, [layer], meta.options.parse(options));
}

/** As after training: weights move by up to half, exponents and shifts by up to about a third. */
async function moved(student: Model, names: readonly string[]): Promise<Model> {
  const read = readTrained(student);
  const initializers = student.graph.initializers.map(async (tensor) => {
    if (!names.includes(tensor.name)) return tensor;
    const values = (await read(tensor.name)).map((v, at) =>
      tensor.name.endsWith('/W') ? v + 0.5 * Math.sin(at + 1) : v + 0.07 * Math.sin(3 * at + 1),
    );
    return makeTensor(tensor.name, tensor.dims, values);
  });
  return { ...student, graph: { ...student.graph, initializers: await Promise.all(initializers) } };
}

const GRIDS = [
  { bits: 4, blockSize: 16, symmetric: true },
  { bits: 3, blockSize: 16 },
  { bits: 2, blockSize: 16, zeros: 'learned', learningRate: 0.01, stepRate: 0.1 },
  { bits: 2, blockSize: 'channel', ternary: true },
  { bits: 8, blockSize: 'tensor', symmetric: true },
  { bits: 2, blockSize: 32, scales: 'float16' },
];
const OPS: readonly TestOp[] = ['MatMul', 'Gemm', 'Gemm-transB', 'Conv', 'Gather'];

describe.each(OPS)('%s', (op) => {
  it.each(GRIDS)('the file computes what was trained: $bits $blockSize', async (options) => {
    const test = oneLayerModel(op, ROWS, COLUMNS);
    const posed = await pose(test, { stepRate: 0.005, ...options });
    const trained = await moved(posed.student, posed.trainable);
    const file = await posed.filled(trained);
    const x = { dataType: op === 'Gather' ? DataType.int64 : DataType.float32, ...test.input };
    const [rounded, stored, before] = [
      await runModel(trained, { x }),
      await runModel(file, { x }),
      await runModel(posed.student, { x }),
    ];
    expect(distance(rounded.get('y'), stored.get('y'))).toBeLessThan(COLUMNS * 2 ** -21);
    expect(distance(rounded.get('y'), before.get('y'))).toBeGreaterThan(0.1);
  });
});

it.each([true, false])('begins as round to nearest, symmetric %s', async (symmetric) => {
  const test = oneLayerModel('MatMul', ROWS, COLUMNS);
  const options = { bits: 3, symmetric, clip: 'mse' };
  const { student } = await pose(test, options);
  const rtn = baselineMeta.options.parse(options);
  const { model } = await encodedModel(roundToNearest, test.model, [test.layer], rtn);
  const x = { dataType: DataType.float32, ...test.input };
  const [one, other] = [await runModel(student, { x }), await runModel(model, { x })];
  expect(distance(one.get('y'), other.get('y'))).toBeLessThan(COLUMNS * 2 ** -21);
});

it('begins with the best three values: s is the mean of what is kept, kept is what is nearer to it', async () => {
  const test = oneLayerModel('MatMul', 4, 64);
  const options = { bits: 2, ternary: true, blockSize: 64 };
  const posed = await pose(test, options);
  const scales = await readTrained(posed.student)('qat/0/s0');
  scales.forEach((s, row) => {
    const weights = [...test.weight.subarray(row * 64, (row + 1) * 64)].map(Math.abs);
    const kept = weights.filter((w) => w > s / 2);
    expect(s).toBeCloseTo(kept.reduce((sum, w) => sum + w, 0) / kept.length, 5);
    expect(kept.length).toBeLessThan(64);
  });
  const file = await posed.filled(posed.student);
  const stored = storedWeightOf(file, test.layer);
  const decoded = stored && (await decodedValues(stored));
  expect(new Set(decoded?.subarray(0, 64))).toEqual(new Set([-scales[0], 0, scales[0]]));
});

it('trains what it says: weights, steps, zeros, and the small weights around', async () => {
  const { model, anatomy } = storiesModel();
  const names = async (options: object) => {
    const posed = await trainingOf(qat, model, anatomy.layers, meta.options.parse(options));
    return new Set(posed.trainable.map((name) => name.split('/').at(-1) ?? name));
  };
  const all = await names({ zeros: 'learned' });
  for (const part of ['W', 'u', 't']) expect(all).toContain(part);
  expect([...all].some((name) => name.includes('norm'))).toBe(true);
  expect(await names({ stepRate: 0, others: false, zeros: 'learned' })).toEqual(new Set(['W']));
  expect(await names({ others: false })).toEqual(new Set(['W', 'u']));
});

it.each<TestOp>(['MatMul', 'Gemm', 'Gather'])(
  'works over a %s that another sitting quantized, and says that errors add up',
  async (op) => {
    const test = oneLayerModel(op, ROWS, 64);
    const four = baselineMeta.options.parse({ bits: 4, blockSize: 16 });
    const { model } = await encodedModel(roundToNearest, test.model, [test.layer], four);
    const { layers } = recognise(model);
    const options = meta.options.parse({ bits: 2, blockSize: 16 });
    const posed = await trainingOf(qat, model, layers, options);
    expect(posed.plan.warnings).toEqual([
      '1 layer was already 4-bit before this step; errors add up, so the original model would give a better result.',
    ]);
    const trained = await moved(posed.student, posed.trainable);
    const x = { dataType: op === 'Gather' ? DataType.int64 : DataType.float32, ...test.input };
    const [one, other] = [
      await runModel(trained, { x }),
      await runModel(await posed.filled(trained), { x }),
    ];
    expect(distance(one.get('y'), other.get('y'))).toBeLessThan(64 * 2 ** -21);
  },
);

describe('a tied embedding', () => {
  const model = tinyDecoder('gpt2 plain, opset 13');
  const { layers } = recognise(model);
  const tied = layers.filter(({ weight }) => weight.includes('wte'));
  const [embedding, head] = tied;
  const options = meta.options.parse({ others: false, blockSize: 16 });

  it('is one weight while it trains and one in the file', async () => {
    expect(tied).toHaveLength(2);
    const posed = await trainingOf(qat, model, tied, options);
    expect(posed.trainable).toEqual(['qat/0/W', 'qat/0/u']);
    expect(posed.plan.lines.map(({ bytesAfter }) => bytesAfter > 0)).toEqual([true, false]);
    const trained = await moved(posed.student, posed.trainable);
    const file = await posed.filled(trained);
    const ids = { input_ids: longs([1, 6], [1, 3, 7, 26, 37, 5]) };
    const [one, other] = [await runModel(trained, ids), await runModel(file, ids)];
    expect(distance(one.get('logits'), other.get('logits'))).toBeLessThan(1e-4);
  });

  it('stays as it is where only the head is quantized', async () => {
    const posed = await trainingOf(qat, model, [head], options);
    const file = await posed.filled(await moved(posed.student, posed.trainable));
    expect(await readWeight(file, embedding)).toEqual(await readWeight(model, embedding));
  });
});

it('says what cannot be', async () => {
  const test = oneLayerModel('MatMul', 4, 32);
  const old = { ...test.model, opsets: [{ domain: '', version: 9 }] };
  const ground = { model: old, anatomy: recognise(old), original: old };
  const plan = await qat.plan(ground, [test.layer], meta.options.parse({}), firstStep);
  expect(plan).toMatchObject({ work: [], lines: [] });
  expect(plan.skipped[0].reason).toBe(
    '"w" is in a model of operator set 9, and a quantized weight needs 10 or newer: export the model again with a newer operator set.',
  );
  const broken = test.model.graph.initializers.map((tensor) =>
    tensor.name === 'w'
      ? makeTensor('w', tensor.dims, new Float32Array(elementCount(tensor.dims)).fill(NaN, 40, 41))
      : tensor,
  );
  const bad = {
    ...test,
    model: { ...test.model, graph: { ...test.model.graph, initializers: broken } },
  };
  await expect(pose(bad, { bits: 2, ternary: true, symmetric: true })).rejects.toThrow(
    'This weight holds a value that is not a finite number, so it has no grid: repair or re-export the model, or leave this layer out.',
  );
  await expect(pose(bad, { bits: 2 })).rejects.toThrow(/holds a value that is not a finite number/);
});

it('expects what the layer alone computes', async () => {
  const test = oneLayerModel('MatMul', ROWS, COLUMNS);
  const posed = await pose(test, { bits: 8, blockSize: 16 });
  const x = { dataType: DataType.float32, ...test.input };
  const [y] = [(await runModel(posed.student, { x })).get('y')?.data ?? []];
  const hoped = expectedOutput('MatMul', test.weight, ROWS, COLUMNS, test.input);
  hoped.forEach((v, i) => expect(Math.abs(Number(y[i]) - v)).toBeLessThan(0.1));
});
