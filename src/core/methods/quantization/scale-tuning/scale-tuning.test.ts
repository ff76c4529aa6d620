import { describe, expect, it } from 'vitest';
import { oneLayerModel, type TestOp } from '../../../../../test/fixtures/methods/models.ts';
import { encodedModel, firstStep, trainingOf } from '../../../../../test/support/methods.ts';
import { distance, runModel } from '../../../../../test/support/run-model.ts';
import { recognise } from '../../../anatomy/recognise.ts';
import { writeEncodings, type Encoded } from '../../../encodings/index.ts';
import { makeTensor } from '../../../onnx/graph/make.ts';
import { DataType } from '../../../tensor/data-type.ts';
import { meta as roundingMeta } from '../round-to-nearest/meta.ts';
import { roundToNearest } from '../round-to-nearest/round-to-nearest.ts';
import { meta } from './meta.ts';
import { scaleTuning } from './scale-tuning.ts';

const [ROWS, COLUMNS] = [40, 144];
const options = meta.options.parse({});

async function quantized(op: TestOp, given: object) {
  const test = oneLayerModel(op, ROWS, COLUMNS);
  const parsed = roundingMeta.options.parse(given);
  const { model } = await encodedModel(roundToNearest, test.model, [test.layer], parsed);
  const [layer] = recognise(model).layers;
  return { ...test, model, layer: { ...test.layer, output: layer?.output ?? test.layer.output } };
}

const KINDS: readonly (readonly [TestOp, object])[] = [
  ['MatMul', { bits: 4, blockSize: 16 }],
  ['MatMul', { bits: 2, blockSize: 32, symmetric: false }],
  ['MatMul', { bits: 3, blockSize: 32, scales: 'float16' }],
  ['Gemm', { bits: 4, blockSize: 32 }],
  ['Conv', { bits: 4, blockSize: 16 }],
  ['Gather', { bits: 4, blockSize: 32 }],
];

describe('scale tuning', () => {
  it.each(KINDS)('of a %s %o: the file computes what was trained', async (op, given) => {
    const { model, layer, input } = await quantized(op, given);
    const posed = await trainingOf(scaleTuning, model, [layer], options);
    expect(posed.trainable).toHaveLength(1);
    const x = { dataType: op === 'Gather' ? DataType.int64 : DataType.float32, ...input };
    const before = await runModel(model, { x });
    expect(distance((await runModel(posed.student, { x })).get('y'), before.get('y'))).toBeLessThan(
      1e-4,
    );
    const initializers = posed.student.graph.initializers.map((tensor) => {
      if (!posed.trainable.includes(tensor.name)) return tensor;
      const u = Float32Array.from({ length: tensor.dims[0] }, (_, g) => 0.3 * Math.sin(g + 1));
      return makeTensor(tensor.name, tensor.dims, u);
    });
    const trained = { ...posed.student, graph: { ...posed.student.graph, initializers } };
    const file = await posed.filled(trained);
    const [one, other] = [await runModel(trained, { x }), await runModel(file, { x })];
    expect(distance(one.get('y'), other.get('y'))).toBeLessThan(1e-4);
    expect(distance(one.get('y'), before.get('y'))).toBeGreaterThan(0.01);
  });

  it('says what it cannot tune', async () => {
    const test = oneLayerModel('MatMul', ROWS, COLUMNS);
    const reasons = async (model: typeof test.model, layer = test.layer) => {
      const ground = { model, anatomy: recognise(model), original: test.model };
      const plan = await scaleTuning.plan(ground, [layer], options, firstStep);
      expect(plan).toMatchObject({ model, lines: [], work: [] });
      return plan.skipped.map(({ reason }) => reason);
    };
    expect(await reasons(test.model)).toEqual([
      '"w" is stored as plain numbers, so it has no scales to tune; quantize it in a step before this one.',
    ]);
    const encoded: Encoded = {
      kind: 'coded',
      ...{ bits: 8, grid: 'integer', granularity: 'channel' },
      groupSize: COLUMNS,
      scales: { dataType: DataType.float32, values: new Float32Array(ROWS).fill(0.01) },
      codes: new Uint8Array(ROWS * COLUMNS).fill(130),
    };
    const input = { kind: 'dynamic' } as const;
    const written = writeEncodings(test.model, [{ layer: test.layer, encoded, input }]);
    expect(await reasons(written.model)).toEqual([
      '"w" is computed by MatMulInteger, through which no gradient reaches its scales, so it was left as it is; dequantize it and quantize it again first.',
    ]);
    const whole = await quantized('MatMul', { bits: 4, blockSize: 'tensor' });
    expect(await reasons(whole.model, whole.layer)).toEqual([
      '"w" stores no scales as floating-point numbers of their own, so there is nothing to tune in it.',
    ]);
  });
});
