/** The backward nodes of every rule run in onnxruntime and give what the interpreter gives. */
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { caseLabel, gradientCases } from '../../../../test/fixtures/gradient-cases.ts';
import {
  caseFeeds,
  caseModel,
  inFloat32,
  numbers,
  relativeDistance,
  withBackward,
  type NodeCase,
} from '../../../../test/support/gradient.ts';
import { interpret } from '../../../../test/support/interpret/interpret.ts';
import { f64, type F64Value } from '../../../../test/support/interpret/value.ts';
import { runModel } from '../../../../test/support/run-model.ts';
import { writeModel } from '../../onnx/write.ts';
import { staticValues } from '../static-values.ts';
import { DataType, elementCount } from '../../tensor/data-type.ts';
import type { Value } from '../../tensor/values.ts';

const toValue = ({ dims, data }: F64Value): Value => ({
  dataType: DataType.float32,
  dims,
  data: Float32Array.from(data),
});

/** Largest error of onnxruntime's float32 outputs and gradients against float64. */
async function errorOf(test: NodeCase): Promise<number> {
  const model = caseModel(test);
  const feeds = caseFeeds(test);
  const types = staticValues(model);
  const outputs = model.graph.outputs.map(({ name }) => name);
  const seeds = Object.fromEntries(outputs.map((name) => [name, `d ${name}`]));
  const upstream = outputs.map((name) => {
    const { dims } = types.type(name)!;
    return [`d ${name}`, f64(dims, numbers(elementCount(dims), 17))] as const;
  });
  const { model: backward, result } = withBackward(model, seeds, Object.keys(feeds));
  const compared = [...new Set([...outputs, ...result.gradients.values()])];
  const graph = { ...backward.graph, outputs: compared.map((name) => ({ name })) };
  const whole = { ...backward, graph };
  const all = { ...feeds, ...Object.fromEntries(upstream) };
  const expected = interpret(whole, all);
  const given = Object.entries(all).map(([name, value]) => [name, toValue(value)] as const);
  const found = await runModel(whole, Object.fromEntries(given));
  const errors = compared.map((name) =>
    relativeDistance(Array.from(found.get(name)!.data, Number), expected.get(name)!.data),
  );
  return Math.max(...errors);
}

describe('gradients in onnxruntime', () => {
  it.each(gradientCases.map((test) => [caseLabel(test), test] as const))('%s', async (_, test) => {
    // Sums of a few dozen float32 products of size one.
    expect(await errorOf(inFloat32(test))).toBeLessThan(1e-5);
  });
});

describe('the gradient of a table', () => {
  it('loses nothing when several threads add to one row', async () => {
    // As many elements as make onnxruntime share the work out, three quarters of them in one row.
    const [rows, width, count] = [64, 512, 1024];
    const ids = Array.from({ length: count }, (_, k) => (k % 4 === 0 ? k % rows : 7));
    const model = caseModel({
      operator: 'Gather',
      inputs: [
        { dims: [rows, width], values: new Array<number>(rows * width).fill(0), type: 'float32' },
        { dims: [count], values: ids, type: 'int64' },
      ],
    });
    const { model: whole, result } = withBackward(model, { y0: 'dy' }, ['x0']);
    const session = await ort.InferenceSession.create(await writeModel(whole), {
      intraOpNumThreads: 2,
      graphOptimizationLevel: 'disabled',
    });
    const ones = new ort.Tensor('float32', new Float32Array(count * width).fill(1), [count, width]);
    const table = new ort.Tensor('float32', new Float32Array(rows * width), [rows, width]);
    const expected = Float32Array.from({ length: rows }, (_, row) =>
      ids.reduce((sum, id) => sum + Number(id === row), 0),
    );
    for (let run = 0; run < 5; run++) {
      const outputs = await session.run({ x0: table, dy: ones });
      const data = outputs[result.gradients.get('x0')!].data as Float32Array;
      expect(data.every((value, i) => value === expected[Math.floor(i / width)])).toBe(true);
    }
    await session.release();
  });
});
