import { describe, expect, it } from 'vitest';
import { layoutFixtures } from '../../../../test/fixtures/layouts/all.ts';
import type { Fixture } from '../../../../test/fixtures/layouts/fixture.ts';
import {
  goldenGradients,
  goldenWave,
  gradientError,
} from '../../../../test/golden/model-gradients.ts';
import { bindingsOf, feedsOf, floatWeights } from '../../../../test/support/layout-feeds.ts';
import { runModel } from '../../../../test/support/run-model.ts';
import { makeValueInfo } from '../../onnx/graph/make.ts';
import type { Model } from '../../onnx/types.ts';
import { DataType, elementCount } from '../../tensor/data-type.ts';
import { differentiate } from '../differentiate.ts';
import { Emitter } from '../emitter.ts';
import { staticValues } from '../static-values.ts';
import { normalise } from './normalise.ts';

/** The model that computes ∂L/∂w for each weight, with L = Σ output ⊙ waves over the outputs. */
function gradientModel(normal: Model, weights: readonly string[]) {
  const emit = new Emitter(staticValues(normal), 'gradient.');
  const seeds = new Map<string, string>();
  for (const { name } of normal.graph.outputs) {
    const dims = emit.dims(name);
    const values = Float32Array.from({ length: elementCount(dims) }, (_, k) => goldenWave(k));
    seeds.set(name, emit.store(dims, values));
  }
  const { gradients } = differentiate(normal.graph, seeds, weights, emit);
  const outputs = [...gradients.values()].map((name) =>
    makeValueInfo(name, DataType.float32, emit.dims(name)),
  );
  const graph = {
    ...normal.graph,
    nodes: [...normal.graph.nodes, ...emit.nodes],
    initializers: [...normal.graph.initializers, ...emit.initializers],
    outputs: outputs.filter(({ name }, at) => outputs.findIndex((o) => o.name === name) === at),
  };
  return { model: { ...normal, graph }, gradients };
}

/** Error of each weight's gradient against PyTorch's. */
async function gradientErrors({ name, model, feeds }: Fixture) {
  const original = model();
  const given = feedsOf(original, feeds);
  const weights = floatWeights(original);
  const normal = normalise(original, bindingsOf(original, given));
  const names = weights.map((weight) => weight.name);
  const { model: backward, gradients } = gradientModel(normal, names);
  const results = await runModel(backward, given);
  const golden = goldenGradients(
    name,
    weights.map(({ dims }) => elementCount(dims)),
  );
  // Some gradients are zero by symmetry (a bias of all keys moves all scores of a row alike): there
  // only rounding is left, which is measured by the largest gradient of the model.
  const floor = 1e-3 * Math.max(...golden.map(({ norm }) => norm));
  return weights.map((weight, index) => {
    const value = results.get(gradients.get(weight.name) ?? '');
    if (!(value?.data instanceof Float32Array)) throw new Error(`No gradient of ${weight.name}.`);
    expect(value.dims).toEqual(weight.dims);
    return { weight: weight.name, error: gradientError(value.data, golden[index], floor) };
  });
}

describe('gradients of whole models', () => {
  it.each(layoutFixtures.map((fixture) => [fixture.name, fixture] as const))(
    'of %s are those of PyTorch',
    async (_name, fixture) => {
      const errors = await gradientErrors(fixture);
      expect(errors.filter(({ error }) => !(error <= 1e-4))).toEqual([]);
    },
  );
});
