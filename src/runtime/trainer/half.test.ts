import { describe, expect, it } from 'vitest';
import { trainingOf } from '../../../test/support/methods.ts';
import { findLayers } from '../../core/anatomy/layers.ts';
import { lora } from '../../core/methods/tuning/lora/lora.ts';
import { options as loraOptions } from '../../core/methods/tuning/lora/meta.ts';
import { drawMasks } from '../../core/training/draw-mask.ts';
import { GraphBuilder } from '../../core/onnx/build/graph-builder.ts';
import { makeTensor } from '../../core/onnx/graph/make.ts';
import type { Model } from '../../core/onnx/types.ts';
import { normal, seededRandom } from '../../core/random/seeded.ts';
import { DataType } from '../../core/tensor/data-type.ts';
import { fromFloat32, toFloat32 } from '../../core/tensor/convert.ts';
import type { Value } from '../../core/tensor/values.ts';
import { DEFAULT_ADAMW } from '../../core/training/adamw.ts';
import { afterGoodStep, afterOverflow, FIRST_LOSS_SCALE } from '../../core/training/loss-scale.ts';
import { readParameters } from '../../core/training/parameters.ts';
import { LABELS, poseProblem } from '../../core/training/problem.ts';
import { createNodeRuntime } from '../ort-node.ts';
import type { Runtime } from '../types.ts';
import { initialState, type TrainingState } from './state.ts';
import { openStepper } from './stepper.ts';

const [ROWS, WIDTH, HIDDEN, CLASSES] = [8, 6, 16, 4];
const native = await createNodeRuntime();
/** Optimised sessions on CPUs leave out the rounding to float16; these do not. */
const runtime: Runtime = {
  device: native.device,
  threads: 1,
  open: (model) => native.open(model, { optimization: 'disabled' }),
  openBytes: (bytes, external) => native.openBytes(bytes, external, { optimization: 'disabled' }),
};

/**
 * logits = Relu(x·V)·W, computed in one type, from weights that both types hold exactly. CPUs compute
 * products in float32 all the same; the transpositions hold real float16 numbers.
 */
function network(type: 'float32' | 'float16'): Model {
  const g = new GraphBuilder();
  const dataType = type === 'float16' ? DataType.float16 : DataType.float32;
  const x = g.op('Cast', [g.input('x', 'float32', [ROWS, WIDTH])], { to: dataType });
  const v = g.op('Relu', [g.op('MatMul', [x, g.floats('V', [WIDTH, HIDDEN], weights(1))])]);
  const scores = g.op('MatMul', [v, g.floats('W', [HIDDEN, CLASSES], weights(2))]);
  const turned = g.op('Transpose', [scores], { perm: [1, 0] });
  g.output(g.op('Transpose', [turned], { perm: [1, 0] }), type, [ROWS, CLASSES], 'logits');
  const model = g.finish({ opset: 18 });
  const initializers = model.graph.initializers.map((t) => {
    const values = t.name === 'V' ? weights(1) : weights(2);
    const bytes = fromFloat32(dataType, values);
    return makeTensor(t.name, t.dims, { dataType, bytes });
  });
  return { ...model, graph: { ...model.graph, initializers } };
}

function weights(seed: number): Float32Array {
  const random = seededRandom(seed, 'weights');
  const count = seed === 1 ? WIDTH * HIDDEN : HIDDEN * CLASSES;
  const values = Float32Array.from({ length: count }, () => 0.4 * normal(random));
  return toFloat32(DataType.float16, fromFloat32(DataType.float16, values), count);
}

function batch(seed: number): Record<string, Value> {
  const random = seededRandom(seed, 'batch');
  const data = Float32Array.from({ length: ROWS * WIDTH }, () => normal(random));
  const labels = BigInt64Array.from({ length: ROWS }, () => BigInt(Math.floor(4 * random.next())));
  return {
    x: { dataType: DataType.float32, dims: [ROWS, WIDTH], data },
    [LABELS]: { dataType: DataType.int64, dims: [ROWS], data: labels },
  };
}

async function train(
  type: 'float32' | 'float16',
  { steps = 12, accumulate = 1, weight = 1, start }: Partial<Run> = {},
) {
  const student = network(type);
  const posed = poseProblem({
    ...{ student, trainable: ['V', 'W'], shape: { batch: ROWS } },
    objective: [{ kind: 'labels', weight }],
  });
  const state = start ?? initialState(await readParameters(student, posed.input.layout));
  const options = { adamW: { ...DEFAULT_ADAMW, clipNorm: 0 }, accumulate };
  const stepper = await openStepper(runtime, posed.input, options, state);
  try {
    const losses: number[] = [];
    const norms: number[] = [];
    for (let k = 0; k < steps; k++) {
      const batches = Array.from({ length: accumulate }, (_, part) => batch(k * accumulate + part));
      const { loss, gradientNorm } = await stepper.step(batches, 0.01);
      losses.push(loss);
      norms.push(gradientNorm);
    }
    return { scaled: posed.input.scaled, losses, norms, state: await stepper.state() };
  } finally {
    await stepper.release();
  }
}

interface Run {
  readonly steps: number;
  readonly accumulate: number;
  readonly weight: number;
  readonly start: TrainingState;
}

/** Half a unit in the last place of float16. */
const HALF_STEP = 2 ** -11;

describe.each([1, 2])('training in float16, %i batches a step', (accumulate) => {
  it('follows float32 as closely as float16 holds numbers', async () => {
    const [half, full] = [
      await train('float16', { accumulate }),
      await train('float32', { accumulate }),
    ];
    expect([half.scaled, full.scaled]).toEqual([true, false]);
    half.losses.forEach((loss, k) => {
      // Each logit is a sum of 16 products of numbers that are rounded by at most half a step.
      expect(Math.abs(loss - full.losses[k])).toBeLessThan(16 * HALF_STEP);
      expect(half.norms[k] / full.norms[k]).toBeCloseTo(1, 1);
    });
    expect(half.losses[11]).toBeLessThan(half.losses[0]);
  });
});

describe('LoRA beside float16 weights', () => {
  it('computes in float16 too, and learns', async () => {
    const model = network('float16');
    const layers = findLayers(model);
    const options = loraOptions.parse({ rank: 2, dropout: 0.1 });
    const setup = await trainingOf(lora, model, layers, options);
    const posed = poseProblem({ ...setup, shape: { batch: ROWS } });
    expect(posed.input.layout.size).toBe(2 * (WIDTH + HIDDEN + HIDDEN + CLASSES));
    const state = initialState(await readParameters(setup.student, posed.input.layout));
    const adamW = { adamW: DEFAULT_ADAMW, accumulate: 1 };
    const stepper = await openStepper(runtime, posed.input, adamW, state);
    const losses: number[] = [];
    for (let k = 0; k < 20; k++) {
      const masks = drawMasks(posed.masks, 1, k);
      losses.push((await stepper.step([{ ...batch(0), ...masks }], 0.05)).loss);
    }
    await stepper.release();
    expect(losses[19]).toBeLessThan(losses[0] - 0.05);
  });
});

describe('the loss scale', () => {
  it('lets gradients be seen that float16 is too coarse for', async () => {
    // Largest ∂L/∂logits: 10⁻⁸, where the smallest number above zero is 6·10⁻⁸.
    const [half, full] = [
      await train('float16', { steps: 1, weight: 1e-7 }),
      await train('float32', { steps: 1, weight: 1e-7 }),
    ];
    expect(half.norms[0]).toBeGreaterThan(0);
    expect(half.norms[0] / full.norms[0]).toBeCloseTo(1, 1);
  });

  it('is halved until the gradient fits, and no step is lost', async () => {
    const loud = await train('float16', { steps: 3, weight: 64 });
    expect(loud.state.step).toBe(3);
    expect(loud.state.lossScale?.scale).toBeLessThan(FIRST_LOSS_SCALE.scale);
    expect(loud.norms.every(Number.isFinite)).toBe(true);
    expect(loud.state.theta.every(Number.isFinite)).toBe(true);
    const full = await train('float32', { steps: 3, weight: 64 });
    loud.norms.forEach((norm, k) => expect(norm / full.norms[k]).toBeCloseTo(1, 1));
  });

  it('goes on from a checkpoint as it was', async () => {
    const { state } = await train('float16', { steps: 3, weight: 64 });
    const more = await train('float16', { steps: 1, weight: 64, start: state });
    expect(more.state.lossScale).toEqual({ scale: state.lossScale?.scale, served: 4 });
  });

  it('doubles after long service and ends at 1', () => {
    expect(afterGoodStep({ scale: 8, served: 1998 })).toEqual({ scale: 8, served: 1999 });
    expect(afterGoodStep({ scale: 8, served: 1999 })).toEqual({ scale: 16, served: 0 });
    expect(afterGoodStep({ scale: 2 ** 24, served: 1999 }).scale).toBe(2 ** 24);
    expect(afterOverflow({ scale: 2, served: 5 })).toEqual({ scale: 1, served: 0 });
    expect(afterOverflow({ scale: 1, served: 0 })).toBeUndefined();
  });
});
