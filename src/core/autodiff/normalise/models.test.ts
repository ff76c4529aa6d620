import { describe, expect, it } from 'vitest';
import { exportedModels } from '../../../../test/fixtures/exports.ts';
import { layoutFixtures } from '../../../../test/fixtures/layouts/all.ts';
import {
  gradientErrors,
  interpretBackward,
  runBackward,
} from '../../../../test/support/gradient-model.ts';
import type { Gradients } from '../../../../test/support/gradient-model.ts';
import { bindingsOf, feedsOf, floatWeights } from '../../../../test/support/layout-feeds.ts';
import { distance, runModel } from '../../../../test/support/run-model.ts';
import type { Value } from '../../tensor/values.ts';
import { opsetOf } from '../../onnx/graph/opset.ts';
import { readModel } from '../../onnx/read.ts';
import { bytesSource } from '../../onnx/source.ts';
import { writeModel } from '../../onnx/write.ts';
import type { Model } from '../../onnx/types.ts';
import { staticValues } from '../static-values.ts';
import { normalise } from './normalise.ts';

/** Every operator a normalised model may hold; all are ai.onnx (or onnxruntime's RMS norm in it). */
const PRIMITIVES = new Set(
  `Add Sub Mul Div Pow Sqrt Reciprocal Neg Erf Tanh Sigmoid Relu Gelu Cos Sin Max Clip Where Softmax
  MatMul Gemm Conv LayerNormalization RMSNormalization SimplifiedLayerNormalization ReduceMean
  ReduceSum Reshape Transpose Expand Tile Slice Split Concat Gather Cast Greater Less LessOrEqual CumSum Trilu
  Identity`.split(/\s+/),
);

const cases = await Promise.all(
  [...layoutFixtures, ...exportedModels].map(async ({ name, model: load, feeds: offered }) => {
    const model = await load();
    const feeds = feedsOf(model, offered);
    const normal = normalise(model, bindingsOf(model, feeds));
    return { name, model, feeds, normal, types: staticValues(normal) };
  }),
);

const runs = new Map<string, Promise<Gradients>>();

/** Each model is run forward and backward once. */
function backwardOf(subject: (typeof cases)[number]): Promise<Gradients> {
  const run = runs.get(subject.name) ?? runBackward(subject);
  runs.set(subject.name, run);
  return run;
}

function largest(value: Value | undefined): number {
  const numbers = value && Array.from<number | bigint, number>(value.data, Number);
  return Math.max(...(numbers ?? []).map(Math.abs));
}

describe.each(cases)('$name', (subject) => {
  const { name, model, feeds, normal, types } = subject;
  it('computes the same', async () => {
    const before = await runModel(model, feeds);
    const { outputs } = await backwardOf(subject);
    for (const { name } of model.graph.outputs) {
      const scale = largest(before.get(name));
      // Some tens of roundings of 2⁻²⁴ each on the way through two or three blocks.
      expect(distance(before.get(name), outputs.get(name))).toBeLessThanOrEqual(
        100 * 2 ** -24 * scale,
      );
    }
  });

  it('holds primitives of known sizes only, in a set gradients are written for', () => {
    const operators = normal.graph.nodes.map(({ domain, opType }) => `${domain}${opType}`);
    expect(operators.filter((name) => !PRIMITIVES.has(name))).toEqual([]);
    const values = normal.graph.nodes
      .flatMap((node) => node.outputs)
      .filter((value) => value !== '');
    expect(values.filter((value) => types.type(value) === undefined)).toEqual([]);
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

  it('has the gradients that PyTorch finds', async () => {
    const { ofWeights } = await backwardOf(subject);
    const errors = gradientErrors(name, model, ofWeights, 1e-3);
    // Attention of the trained model is so sure that its keys' gradients nearly cancel in float32;
    // in float64, below, they agree.
    const tolerance = name === 'stories260K' ? 1e-3 : 1e-4;
    expect(errors.filter(({ error }) => !(error <= tolerance))).toEqual([]);
  });
});

const precise = [
  'gpt2 plain, opset 11',
  'bert plain, opset 11',
  'vit plain, opset 11',
  'stories260K',
];

it.each(precise)('%s has the gradients that PyTorch finds, in float64', (name) => {
  const subject = cases.find((one) => one.name === name);
  if (!subject) throw new Error(`No model is called ${name}.`);
  const errors = gradientErrors(name, subject.model, interpretBackward(subject), 1e-6);
  // The vectors are stored as float32, the graph's own constants too.
  expect(errors.filter(({ error }) => !(error <= 1e-5))).toEqual([]);
});

it('can be written and read back', async () => {
  const { normal } = cases[0];
  const again = await readModel(bytesSource(await writeModel(normal)));
  expect(again.graph.nodes).toHaveLength(normal.graph.nodes.length);
});
