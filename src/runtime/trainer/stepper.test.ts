import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../core/onnx/build/graph-builder.ts';
import { makeValueInfo } from '../../core/onnx/graph/make.ts';
import { normal, seededRandom } from '../../core/random/seeded.ts';
import { DataType } from '../../core/tensor/data-type.ts';
import type { Value } from '../../core/tensor/values.ts';
import { DEFAULT_ADAMW } from '../../core/training/adamw.ts';
import { crossEntropy } from '../../core/training/losses/cross-entropy.ts';
import { layOutParameters, readParameters } from '../../core/training/parameters.ts';
import type { TrainingInput } from '../../core/training/training-graph.ts';
import { createNodeRuntime } from '../ort-node.ts';
import { initialState } from './state.ts';
import { openStepper } from './stepper.ts';

const ROWS = 6;
const WIDTH = 5;
const CLASSES = 4;

/** logits = x·W + b. */
function linearModel(): TrainingInput {
  const random = seededRandom(1, 'linear');
  const g = new GraphBuilder();
  const x = g.input('x', 'float32', [ROWS, WIDTH]);
  const weight = Float32Array.from({ length: WIDTH * CLASSES }, () => normal(random));
  const product = g.op('MatMul', [x, g.floats('W', [WIDTH, CLASSES], weight)]);
  const bias = g.floats('b', [CLASSES], [0.1, -0.2, 0.3, 0]);
  g.output(g.op('Add', [product, bias]), 'float32', [ROWS, CLASSES], 'logits');
  const forward = g.finish({ opset: 18 });
  return {
    forward,
    layout: layOutParameters(forward, ['W', 'b']),
    extraInputs: [makeValueInfo('labels', DataType.int64, [ROWS])],
    losses: [{ name: 'labels', weight: 1, loss: crossEntropy('logits', 'labels') }],
  };
}

function batch(seed: number): Record<string, Value> {
  const random = seededRandom(seed, 'batch');
  const data = Float32Array.from({ length: ROWS * WIDTH }, () => normal(random));
  const labels = BigInt64Array.from({ length: ROWS }, () =>
    BigInt(Math.floor(random.next() * (CLASSES + 1)) - 1),
  ).map((label) => (label < 0n ? -100n : label));
  return {
    x: { dataType: DataType.float32, dims: [ROWS, WIDTH], data },
    labels: { dataType: DataType.int64, dims: [ROWS], data: labels },
  };
}

/** Softmax regression by hand in double precision: loss and ∂L/∂θ, θ = (W, b). */
function byHand(theta: Float64Array, { x, labels }: Record<string, Value>) {
  const gradient = new Float64Array(theta.length);
  const rows = Array.from(labels.data as BigInt64Array, Number);
  const count = rows.filter((label) => label !== -100).length;
  let loss = 0;
  rows.forEach((label, i) => {
    if (label === -100) return;
    const input = Array.from({ length: WIDTH }, (_, k) => Number(x.data[i * WIDTH + k]));
    const z = Array.from({ length: CLASSES }, (_, c) =>
      input.reduce((s, v, k) => s + v * theta[k * CLASSES + c], theta[WIDTH * CLASSES + c]),
    );
    const sum = z.reduce((s, v) => s + Math.exp(v), 0);
    loss += (Math.log(sum) - z[label]) / count;
    z.forEach((v, c) => {
      const d = (Math.exp(v) / sum - (c === label ? 1 : 0)) / count;
      input.forEach((value, k) => (gradient[k * CLASSES + c] += d * value));
      gradient[WIDTH * CLASSES + c] += d;
    });
  });
  return { loss, gradient };
}

/** AdamW as its paper writes it, in double precision. */
function adamWByHand(theta: Float64Array, batches: Record<string, Value>[][], rate: number) {
  const { beta1, beta2, epsilon, weightDecay, clipNorm } = DEFAULT_ADAMW;
  const m = new Float64Array(theta.length);
  const v = new Float64Array(theta.length);
  const losses: number[] = [];
  batches.forEach((parts, index) => {
    const results = parts.map((part) => byHand(theta, part));
    losses.push(results.reduce((sum, { loss }) => sum + loss / parts.length, 0));
    const g = theta.map((_, i) => results.reduce((s, r) => s + r.gradient[i] / parts.length, 0));
    const norm = Math.sqrt(g.reduce((sum, value) => sum + value * value, 0));
    const clip = Math.min(1, clipNorm / (norm + 1e-6));
    theta.forEach((_, i) => {
      const gi = g[i] * clip;
      m[i] = beta1 * m[i] + (1 - beta1) * gi;
      v[i] = beta2 * v[i] + (1 - beta2) * gi * gi;
      const mHat = m[i] / (1 - beta1 ** (index + 1));
      const vHat = v[i] / (1 - beta2 ** (index + 1));
      if (i < WIDTH * CLASSES) theta[i] *= 1 - rate * weightDecay;
      theta[i] -= (rate * mHat) / (Math.sqrt(vHat) + epsilon);
    });
  });
  return losses;
}

describe('openStepper', () => {
  it.each([1, 3])('takes the steps of AdamW, %i batches each', async (accumulate) => {
    const input = linearModel();
    const theta = await readParameters(input.forward, input.layout);
    const runtime = await createNodeRuntime({ threads: 1 });
    const options = { adamW: DEFAULT_ADAMW, accumulate };
    const stepper = await openStepper(runtime, input, options, initialState(theta));
    const steps = Array.from({ length: 8 }, (_, s) =>
      Array.from({ length: accumulate }, (_, k) => batch(s * accumulate + k)),
    );
    const expected = Float64Array.from(theta);
    const losses = adamWByHand(expected, steps, 0.05);
    for (let s = 0; s < steps.length; s++) {
      const { loss } = await stepper.step(steps[s], 0.05);
      expect(Math.abs(loss - losses[s])).toBeLessThan(2e-5);
    }
    const state = await stepper.state();
    expect(state.step).toBe(8);
    state.theta.forEach((value, i) => expect(Math.abs(value - expected[i])).toBeLessThan(2e-5));
    await stepper.release();
  });

  it('goes on from a state as if it had never stopped', async () => {
    const input = linearModel();
    const runtime = await createNodeRuntime({ threads: 1 });
    const options = { adamW: DEFAULT_ADAMW, accumulate: 1 };
    const open = async (state = initialState(new Float32Array(input.layout.size).fill(0.1))) =>
      openStepper(runtime, input, options, state);
    const first = await open();
    for (let s = 0; s < 3; s++) await first.step([batch(s)], 0.01);
    const resumed = await open(await first.state());
    const [a, b] = [await first.step([batch(3)], 0.01), await resumed.step([batch(3)], 0.01)];
    expect(b).toEqual(a);
    expect((await resumed.state()).theta).toEqual((await first.state()).theta);
    await Promise.all([first.release(), resumed.release()]);
  });
});
