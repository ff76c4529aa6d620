import { expect, it, describe } from 'vitest';
import { createNodeRuntime } from '../../runtime/ort-node.ts';
import { oneLayerModel } from '../../../test/fixtures/methods/models.ts';
import { recognise } from '../anatomy/recognise.ts';
import { fillHoles } from '../onnx/fill.ts';
import { writeModel } from '../onnx/write.ts';
import type { Model } from '../onnx/types.ts';
import { planRecipe } from '../recipe/plan.ts';
import { parseRecipe } from '../recipe/schema.ts';
import { kernelsOfFile, kernelsOfSession, type Arithmetic } from './kernels.ts';
import { kernelsLine } from './kernels-line.ts';

/** Whatever the codes are, the same kernels multiply by them. */
async function coded(step: Readonly<Record<string, unknown>>): Promise<Model> {
  const { model } = oneLayerModel('MatMul', 64, 64);
  const recipe = parseRecipe({ version: 1, steps: [step] });
  const { model: planned } = await planRecipe(model, recognise(model), recipe);
  const holes = planned.graph.initializers.filter(({ data }) => data.planned);
  return fillHoles(
    planned,
    new Map(holes.map(({ name, data }) => [name, new Uint8Array(data.byteLength).fill(1)])),
  );
}

const rtn = (bits: number) => ({ method: 'round-to-nearest', options: { bits } });

describe('kernels of a layer', () => {
  const runtime = createNodeRuntime({ threads: 1 });

  it.each<[string, Record<string, unknown>, Arithmetic, Record<string, number>]>([
    ['dynamic int8', { method: 'dynamic-int8' }, 'integer', { DynamicQuantizeMatMul: 1 }],
    [
      'static int8',
      { method: 'static-int8', options: { ranges: { x: [-1, 1] } } },
      'integer',
      { MatMulIntegerToFloat: 1 },
    ],
    ['4 bits', rtn(4), 'dequantized', { MatMulNBits: 1 }],
    ['3 bits', rtn(3), 'unpacked', { MatMul: 1 }],
    ['half', { method: 'float16' }, 'float', { MatMul: 1 }],
  ])('%s', async (_name, step, how, operators) => {
    const model = await coded(step);
    expect(kernelsOfFile(model).layers).toEqual({ [how]: 1 });
    const optimized = await (await runtime).optimized?.(await writeModel(model));
    expect(optimized && kernelsOfSession(optimized, model)).toEqual({
      ...{ from: 'session', operators, layers: { [how]: 1 } },
    });
  });
});

it('says how layers were computed in one line', () => {
  const operators = { MatMulIntegerToFloat: 28, MatMul: 1 };
  const layers = { integer: 28, unpacked: 1 };
  expect(kernelsLine({ from: 'session', operators, layers })).toBe(
    '28 of 29 layers as integers, 1 unpacked to floating point at load (MatMulIntegerToFloat 28, MatMul 1)',
  );
  expect(
    kernelsLine({ from: 'file', operators: { MatMulNBits: 3 }, layers: { dequantized: 3 } }),
  ).toBe('3 of 3 layers dequantized in every run (MatMulNBits 3), as the file asks for it');
  expect(
    kernelsLine({ from: 'file', operators: { MatMul: 3 }, layers: { float: 3 } }),
  ).toBeUndefined();
});
