import { describe, expect, it } from 'vitest';
import { layoutFixtures } from '../../../../../test/fixtures/layouts/all.ts';
import { mixtureFixtures } from '../../../../../test/fixtures/layouts/llama.ts';
import { runFirstOutput } from '../../../../../test/fixtures/layouts/run.ts';
import { activations, context, seenOf } from '../../../../../test/fixtures/methods/statistics.ts';
import { denseTwin } from '../../../../../test/support/dense-twin.ts';
import { firstStep } from '../../../../../test/support/methods.ts';
import { recognise } from '../../../anatomy/recognise.ts';
import { findNeurons } from '../../../cuts/neurons.ts';
import { fillHoles, requireFilled } from '../../../onnx/fill.ts';
import type { Model } from '../../../onnx/types.ts';
import type { Ground } from '../../contract.ts';
import { columnProblem } from '../structured/cut-step.ts';
import { cutColumns } from '../structured/refit.ts';
import { ffnNeurons } from './ffn-neurons.ts';
import { meta, type FfnNeuronsOptions } from './meta.ts';
import { widthsOf } from './widths.ts';

const options = meta.options.parse({ ratio: 0.4 });

/** What the step makes of the model, and the same computed without a cut. */
async function cutAndTwin(model: Model, given: FfnNeuronsOptions) {
  const ground: Ground = { model, anatomy: recognise(model), original: model };
  const { groups } = findNeurons(model, ground.anatomy);
  const seen = seenOf(ground.anatomy.layers, (layer) => rowsOf(layer.inFeatures));
  const plan = await ffnNeurons.plan(ground, ground.anatomy.layers, given, firstStep);
  const [work] = plan.work;
  if (work?.kind !== 'fill') throw new Error('nothing to fill');
  const cut = fillHoles(plan.model, await work.fill(ground, seen, context));
  requireFilled(cut);
  const cuts = await Promise.all(
    widthsOf(groups, given).map(async ({ group, keep }) => {
      const problem = await columnProblem({ ground, options: given, meta }, group, [], seen);
      return { group, cut: cutColumns(problem, given, keep) };
    }),
  );
  return { plan, cut, twin: denseTwin(model, cuts) };
}

/** Louder on one side, so that there is a mean to put into the bias. */
function rowsOf(columns: number): Float32Array {
  return activations(columns + 8, columns, 4).map((value, i) => value + (i % 3) / 2);
}

describe('a model without two fifths of its neurons, the rest and the bias refitted', () => {
  it.each([...layoutFixtures, ...mixtureFixtures])(
    '$name computes what the masked one does',
    async ({ model: build, feeds }) => {
      const model = build();
      const { plan, cut, twin } = await cutAndTwin(model, options);
      expect(plan.skipped).toEqual([]);
      const [found, wanted] = [await runFirstOutput(cut, feeds), await runFirstOutput(twin, feeds)];
      expect(found.dims).toEqual(wanted.dims);
      expect(farthest(found.data, wanted.data)).toBeLessThan(1e-5 * largest(wanted.data));
    },
  );
});

function farthest(a: Float32Array, b: Float32Array): number {
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);
}

function largest(values: Float32Array): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
}
