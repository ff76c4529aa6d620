import { beforeAll, describe, expect, it } from 'vitest';
import { rampOf, sparsityAt } from '../../core/methods/pruning/scheduled/cubic.ts';
import { maskBetween } from '../../core/methods/pruning/scheduled/mask-schedule.ts';
import { GraphBuilder } from '../../core/onnx/build/graph-builder.ts';
import { makeValueInfo } from '../../core/onnx/graph/make.ts';

import { normal, seededRandom } from '../../core/random/seeded.ts';
import { DataType } from '../../core/tensor/data-type.ts';
import type { Value } from '../../core/tensor/values.ts';
import { DEFAULT_ADAMW } from '../../core/training/adamw.ts';
import type { Between } from '../../core/training/between.ts';
import { crossEntropy } from '../../core/training/losses/cross-entropy.ts';
import { initialMasking } from '../../core/training/masking.ts';
import { layOutParameters, readParameters } from '../../core/training/parameters.ts';
import type { TrainingInput } from '../../core/training/training-graph.ts';
import { VALUES } from '../../core/training/value-names.ts';
import { createNodeRuntime } from '../ort-node.ts';
import type { Runtime } from '../types.ts';
import { trainLoop, type BestSoFar } from './loop.ts';
import { initialState, type TrainingState } from './state.ts';
import { openStepper } from './stepper.ts';

const [ROWS, WIDTH, HIDDEN, CLASSES] = [6, 5, 4, 3];
/** W₁ [5, 4] and W₂ [4, 3] are masked, b [3] is not. */
const [SIZE1, SIZE2] = [WIDTH * HIDDEN, HIDDEN * CLASSES];
const MASKED = SIZE1 + SIZE2;
const STEPS = 12;
const RATE = 0.05;
const RAMP = { steps: STEPS, start: 0, interval: 2, until: 0.7 };
/** Before the first step nothing has moved, so movement begins with everything. */
const ramps = { magnitude: rampOf(RAMP, 0.2, 0.6), movement: rampOf(RAMP, 0, 0.6) } as const;
type By = keyof typeof ramps;

/** logits = tanh(x·W₁)·W₂ + b. */
function toy(scores: boolean): TrainingInput {
  const random = seededRandom(3, 'toy');
  const draw = (count: number) => Float32Array.from({ length: count }, () => normal(random));
  const g = new GraphBuilder();
  const x = g.input('x', 'float32', [ROWS, WIDTH]);
  const hidden = g.op('Tanh', [g.op('MatMul', [x, g.floats('W1', [WIDTH, HIDDEN], draw(SIZE1))])]);
  const product = g.op('MatMul', [hidden, g.floats('W2', [HIDDEN, CLASSES], draw(SIZE2))]);
  const sum = g.op('Add', [product, g.floats('b', [CLASSES], [0.1, -0.2, 0.3])]);
  g.output(sum, 'float32', [ROWS, CLASSES], 'logits');
  const forward = g.finish({ opset: 18 });
  return {
    forward,
    layout: layOutParameters(forward, ['W1', 'W2', 'b']),
    extraInputs: [makeValueInfo('labels', DataType.int64, [ROWS])],
    losses: [{ name: 'labels', weight: 1, loss: crossEntropy('logits', 'labels') }],
    masked: { size: MASKED, scores },
  };
}

function batch(index: number): Record<string, Value> {
  const random = seededRandom(index, 'batch');
  const data = Float32Array.from({ length: ROWS * WIDTH }, () => normal(random));
  const labels = BigInt64Array.from({ length: ROWS }, (_, i) => BigInt((i + index) % CLASSES));
  return {
    x: { dataType: DataType.float32, dims: [ROWS, WIDTH], data },
    labels: { dataType: DataType.int64, dims: [ROWS], data: labels },
  };
}

/** The loss and ∂L/∂(θ∘M), written out by hand in double precision. */
function byHand(theta: Float64Array, mask: Float64Array, feeds: Record<string, Value>) {
  const shown = theta.map((value, i) => value * (mask[i] ?? 1));
  const w1 = (k: number, h: number) => shown[k * HIDDEN + h];
  const w2 = (h: number, c: number) => shown[SIZE1 + h * CLASSES + c];
  const gradient = new Float64Array(theta.length);
  let loss = 0;
  for (let i = 0; i < ROWS; i++) {
    const x = Array.from({ length: WIDTH }, (_, k) => Number(feeds.x.data[i * WIDTH + k]));
    const label = Number(feeds.labels.data[i]);
    const hidden = Array.from({ length: HIDDEN }, (_, h) =>
      Math.tanh(x.reduce((sum, value, k) => sum + value * w1(k, h), 0)),
    );
    const z = Array.from({ length: CLASSES }, (_, c) =>
      hidden.reduce((sum, value, h) => sum + value * w2(h, c), shown[MASKED + c]),
    );
    const total = z.reduce((sum, value) => sum + Math.exp(value), 0);
    loss += (Math.log(total) - z[label]) / ROWS;
    const dz = z.map((value, c) => (Math.exp(value) / total - Number(c === label)) / ROWS);
    dz.forEach((d, c) => (gradient[MASKED + c] += d));
    hidden.forEach((value, h) => {
      const dh = dz.reduce((sum, d, c) => sum + d * w2(h, c), 0) * (1 - value * value);
      dz.forEach((d, c) => (gradient[SIZE1 + h * CLASSES + c] += d * value));
      x.forEach((input, k) => (gradient[k * HIDDEN + h] += dh * input));
    });
  }
  return { loss, gradient };
}

/** M by sorting: all but the ⌊n·s⌋ + 1 smallest of each matrix, or everything where s = 0. */
function maskByHand(share: number, rank: (at: number) => number): Float64Array {
  const mask = new Float64Array(MASKED).fill(1);
  for (const [from, size] of [
    [0, SIZE1],
    [SIZE1, SIZE2],
  ]) {
    const order = Array.from({ length: size }, (_, i) => from + i).sort(
      (a, b) => rank(a) - rank(b),
    );
    const gone = share === 0 ? 0 : Math.trunc(size * share) + 1;
    for (const at of order.slice(0, gone)) mask[at] = 0;
  }
  return mask;
}

/** The whole training by hand; what it has after each step. */
function trainByHand(start: Float32Array, by: By, accumulate: number) {
  const { beta1, beta2, epsilon, weightDecay, clipNorm } = DEFAULT_ADAMW;
  const theta = Float64Array.from(start);
  const [m, v] = [new Float64Array(theta.length), new Float64Array(theta.length)];
  const scores = new Float64Array(MASKED);
  let mask: Float64Array = new Float64Array(MASKED).fill(1);
  return Array.from({ length: STEPS }, (_, t) => {
    if (t <= 8 && t % 2 === 0) {
      const share = sparsityAt(t, ramps[by]);
      mask = maskByHand(share, (at) => (by === 'movement' ? scores[at] : Math.abs(theta[at])));
    }
    const parts = Array.from({ length: accumulate }, (_, k) =>
      byHand(theta, mask, batch(t * accumulate + k)),
    );
    const loss = parts.reduce((sum, part) => sum + part.loss / accumulate, 0);
    const whole = theta.map((_, i) => parts.reduce((s, p) => s + p.gradient[i] / accumulate, 0));
    scores.forEach((_, i) => (scores[i] -= RATE * theta[i] * whole[i]));
    const own = whole.map((value, i) => value * (mask[i] ?? 1));
    const norm = Math.sqrt(own.reduce((sum, value) => sum + value * value, 0));
    const clip = Math.min(1, clipNorm / (norm + 1e-6));
    own.forEach((value, i) => {
      m[i] = beta1 * m[i] + (1 - beta1) * value * clip;
      v[i] = beta2 * v[i] + (1 - beta2) * (value * clip) ** 2;
      const step = m[i] / (1 - beta1 ** (t + 1));
      const size = Math.sqrt(v[i] / (1 - beta2 ** (t + 1))) + epsilon;
      if (i < MASKED) theta[i] *= 1 - RATE * weightDecay;
      theta[i] -= (RATE * step) / size;
    });
    return { loss, theta: theta.slice(), mask: mask.slice(), scores: scores.slice() };
  });
}

function scheduleOf(input: TrainingInput, by: By): Between {
  const matrices = [
    { name: 'W1', rows: HIDDEN, columns: WIDTH, turned: true },
    { name: 'W2', rows: CLASSES, columns: HIDDEN, turned: true },
  ];
  return maskBetween(
    { matrices, ramp: ramps[by], pattern: 0.6, scope: 'tensor', by },
    input.layout,
  );
}

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createNodeRuntime({ threads: 1 });
});

const close = (value: ArrayLike<number>, wanted: Float64Array, within: number) =>
  wanted.forEach((number, i) => expect(Math.abs(value[i] - number), `${i}`).toBeLessThan(within));

describe.each(['magnitude', 'movement'] as const)('masks by %s', (by) => {
  it.each([1, 3])('step by step as by hand, %i batches each', async (accumulate) => {
    const input = toy(by === 'movement');
    const theta = await readParameters(input.forward, input.layout);
    const expected = trainByHand(theta, by, accumulate);
    const start = initialState(theta, initialMasking(input.masked));
    const options = { adamW: DEFAULT_ADAMW, accumulate };
    const stepper = await openStepper(runtime, input, options, start);
    const states: TrainingState[] = [];
    await trainLoop(stepper, start, {
      schedule: { learningRate: RATE, steps: STEPS, warmup: 0, floor: 1 },
      ...{ accumulate, batch, validateEvery: 100, patience: 0, checkpointEvery: 100 },
      between: scheduleOf(input, by),
      onStep: async ({ step, loss }) => {
        expect(Math.abs(loss - expected[step - 1].loss)).toBeLessThan(2e-5);
        states.push(await stepper.state());
      },
    });
    await stepper.release();
    states.forEach((state, at) => {
      close(state.theta, expected[at].theta, 2e-5);
      expect([...state.further[VALUES.mask]]).toEqual([...expected[at].mask]);
      if (by === 'movement') close(state.further[VALUES.scores], expected[at].scores, 2e-5);
    });
    // The schedule moved: the masks are not all alike, and some weight came back or went.
    expect(new Set(expected.map(({ mask }) => mask.join(''))).size).toBeGreaterThan(3);
  });
});

describe('between steps', () => {
  /** A run of the toy from a state, and the checkpoints it leaves. */
  async function run(start?: TrainingState, best?: BestSoFar, losses: readonly number[] = []) {
    const input = toy(true);
    const theta = await readParameters(input.forward, input.layout);
    const state = start ?? initialState(theta, initialMasking(input.masked));
    const options = { adamW: DEFAULT_ADAMW, accumulate: 1 };
    const stepper = await openStepper(runtime, input, options, state);
    const checkpoints: TrainingState[] = [];
    const measured = (value: number) => ({ value, standardError: 0, n: 1 });
    let looks = state.step;
    const result = await trainLoop(stepper, state, {
      schedule: { learningRate: RATE, steps: STEPS, warmup: 0, floor: 1 },
      ...{ accumulate: 1, batch, validateEvery: 1, patience: 0, checkpointEvery: 1, best },
      between: scheduleOf(input, 'movement'),
      onStep: () => undefined,
      onCheckpoint: async (now) => void checkpoints.push(now),
      validate: async () => ({
        loss: measured(losses[looks++] ?? 9 - looks),
        accuracy: measured(0),
      }),
    });
    await stepper.release();
    return { result, checkpoints };
  }

  it.each([3, 4, 8, 10])('a run taken up again after %i steps is the same', async (at) => {
    const whole = await run();
    const again = await run(whole.checkpoints[at - 1]);
    expect(again.checkpoints).toEqual(whole.checkpoints.slice(at));
    expect(again.result.theta).toEqual(whole.result.theta);
    expect(again.result.further).toEqual(whole.result.further);
  });

  it('what did best before the final mask does not count, what did best under it does', async () => {
    // Finished steps 1 … 12; the last pruning comes after 8.
    const losses = [5, 0.1, 5, 5, 5, 5, 5, 0.2, 3, 1, 2, 4];
    const { result, checkpoints } = await run(undefined, undefined, losses);
    expect(result.bestStep).toBe(10);
    expect(result.theta).toEqual(checkpoints[9].theta);
    const zeros = (mask: Float32Array) => mask.filter((bit) => bit === 0).length;
    const { [VALUES.mask]: mask } = result.further;
    expect(zeros(mask)).toBe(Math.trunc(SIZE1 * 0.6) + 1 + Math.trunc(SIZE2 * 0.6) + 1);
  });
});
