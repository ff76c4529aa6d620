import { describe, expect, it } from 'vitest';
import { layoutFixtures } from '../../../../test/fixtures/layouts/all.ts';
import { bindingsOf, feedsOf, floatWeights } from '../../../../test/support/layout-feeds.ts';
import { distance, runModel } from '../../../../test/support/run-model.ts';
import type { Value } from '../../tensor/values.ts';
import { opsetOf } from '../../onnx/graph/opset.ts';
import { inferShapes } from '../../onnx/shape/infer.ts';
import { readModel } from '../../onnx/read.ts';
import { bytesSource } from '../../onnx/source.ts';
import { writeModel } from '../../onnx/write.ts';
import type { Model } from '../../onnx/types.ts';
import { Emitter } from '../emitter.ts';
import { differentiate } from '../differentiate.ts';
import { staticValues } from '../static-values.ts';
import { normalise } from './normalise.ts';

/** Every operator a normalised layout may hold; all are ai.onnx (or onnxruntime's RMS norm in it). */
const PRIMITIVES = new Set(
  `Add Sub Mul Div Pow Sqrt Reciprocal Neg Erf Tanh Sigmoid Relu Gelu Cos Sin Max Clip Where Softmax
  MatMul Gemm Conv LayerNormalization RMSNormalization SimplifiedLayerNormalization ReduceMean
  ReduceSum Reshape Transpose Expand Tile Slice Split Concat Gather Cast Greater Less CumSum Trilu
  Identity`.split(/\s+/),
);

const cases = layoutFixtures.map((fixture) => {
  const model = fixture.model();
  const feeds = feedsOf(model, fixture.feeds);
  return { name: fixture.name, model, feeds, normal: normalise(model, bindingsOf(model, feeds)) };
});

function sized(model: Model): string[] {
  const shapes = inferShapes(model);
  const outputs = model.graph.nodes.flatMap((node) => node.outputs).filter((name) => name !== '');
  return outputs.filter((name) => {
    const dims = shapes.typeOf(name)?.dims;
    return !dims?.every((dim) => typeof dim === 'number');
  });
}

function largest(value: Value | undefined): number {
  const numbers = value && Array.from<number | bigint, number>(value.data, Number);
  return Math.max(...(numbers ?? []).map(Math.abs));
}

describe.each(cases)('$name', ({ model, feeds, normal }) => {
  it('computes the same', async () => {
    const before = await runModel(model, feeds);
    const after = await runModel(normal, feeds);
    for (const { name } of model.graph.outputs) {
      const scale = largest(before.get(name));
      // Some tens of roundings of 2⁻²⁴ each on the way through two or three blocks.
      expect(distance(before.get(name), after.get(name))).toBeLessThanOrEqual(
        100 * 2 ** -24 * scale,
      );
    }
  });

  it('holds primitives of known sizes only, in a set gradients are written for', () => {
    const operators = normal.graph.nodes.map(({ domain, opType }) => `${domain}${opType}`);
    expect(operators.filter((name) => !PRIMITIVES.has(name))).toEqual([]);
    expect(sized(normal)).toEqual([]);
    expect(opsetOf(normal, '')).toBe(Math.max(18, opsetOf(model, '')));
  });

  it('keeps interface and weights', () => {
    const names = (list: Model['graph']['inputs']) => list.map(({ name }) => name);
    expect(names(normal.graph.inputs)).toEqual(names(model.graph.inputs));
    expect(names(normal.graph.outputs)).toEqual(names(model.graph.outputs));
    const kept = new Set(normal.graph.initializers);
    const lost = floatWeights(model).filter((tensor) => !kept.has(tensor));
    expect(lost.map(({ name }) => name)).toEqual([]);
  });

  it('has a gradient rule on every way from a weight to the outputs', () => {
    const emit = new Emitter(staticValues(normal), 'gradient.');
    const weights = floatWeights(normal).map(({ name }) => name);
    const outputs = normal.graph.outputs.map(({ name }) => name);
    const seeds = new Map(
      outputs.map((name, index) => [
        name,
        emit.declare(`seed ${index}`, { dataType: 1, dims: emit.dims(name) }),
      ]),
    );
    const { gradients, cuts } = differentiate(normal.graph, seeds, weights, emit);
    expect(cuts).toEqual([]);
    const missing = weights.filter((name) => !gradients.has(name));
    expect(missing).toEqual([]);
  });
});

it('can be written and read back', async () => {
  const { normal } = cases[0];
  const again = await readModel(bytesSource(await writeModel(normal)));
  expect(again.graph.nodes).toHaveLength(normal.graph.nodes.length);
});
