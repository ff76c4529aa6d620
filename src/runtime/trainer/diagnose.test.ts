import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../core/onnx/build/graph-builder.ts';
import { makeValueInfo } from '../../core/onnx/graph/make.ts';
import { DataType } from '../../core/tensor/data-type.ts';
import type { Value } from '../../core/tensor/values.ts';
import { DEFAULT_ADAMW } from '../../core/training/adamw.ts';
import { buildFinitenessGraph, originPhrase } from '../../core/training/finiteness-graph.ts';
import { crossEntropy } from '../../core/training/losses/cross-entropy.ts';
import { layOutParameters, readParameters } from '../../core/training/parameters.ts';
import type { TrainingInput } from '../../core/training/training-graph.ts';
import { VALUES } from '../../core/training/value-names.ts';
import { createNodeRuntime } from '../ort-node.ts';
import { diagnose } from './diagnose.ts';
import { trainLoop, type LoopOptions } from './loop.ts';
import { vector } from './feeds.ts';
import { initialState } from './state.ts';
import { openStepper } from './stepper.ts';

const runtime = await createNodeRuntime();

/** logits = Exp(x·W) + √(x·W − x·W) + mask, with −∞ in the mask as attention masks have it. */
function model(withRoot: boolean): TrainingInput {
  const g = new GraphBuilder();
  const x = g.input('x', 'float32', [2, 2]);
  const product = g.op('MatMul', [x, g.floats('W', [2, 3], [1, 2, 3, 4, 5, 6])]);
  const masked = g.op('Add', [product, g.floats('mask', [3], [0, 0, -Infinity])]);
  const grown = g.op('Exp', [masked]);
  const root = g.op('Sqrt', [g.op('Sub', [product, product])]);
  const sum = withRoot ? g.op('Add', [grown, root]) : grown;
  g.output(sum, 'float32', [2, 3], 'logits');
  const forward = g.finish({ opset: 18 });
  return {
    forward,
    layout: layOutParameters(forward, ['W']),
    extraInputs: [makeValueInfo('labels', DataType.int64, [2])],
    losses: [{ name: 'labels', weight: 1, loss: crossEntropy('logits', 'labels') }],
  };
}

function feeds(scale: number): Record<string, Value> {
  return {
    x: {
      dataType: DataType.float32,
      dims: [2, 2],
      data: Float32Array.of(1, 0, 0, 1).map((v) => v * scale),
    },
    labels: { dataType: DataType.int64, dims: [2], data: BigInt64Array.of(0n, 1n) },
  };
}

async function weights(input: TrainingInput): Promise<Record<string, Value>> {
  const data = await readParameters(input.forward, input.layout);
  return { [VALUES.theta]: vector(data) };
}

describe('where numbers stop being numbers', () => {
  it('names the node of the forward pass, not the mask that is meant to be infinite', async () => {
    const input = model(false);
    const found = await diagnose(runtime, input, await weights(input), [feeds(0.1), feeds(1000)]);
    expect(found).toEqual({ operator: 'Exp', node: '/Exp', pass: 'forward' });
  });

  it('names the node whose gradient it is', async () => {
    const input = model(true);
    const found = await diagnose(runtime, input, await weights(input), [feeds(0.1)]);
    expect(found).toEqual({ operator: 'Sqrt', node: '/Sqrt', pass: 'backward' });
    expect(originPhrase({ operator: 'Sqrt', node: '/Sqrt', pass: 'backward' })).toBe(
      'in the gradient of the Sqrt node "/Sqrt"',
    );
    expect(originPhrase({ operator: '', node: '', pass: 'loss' })).toBe('in the loss itself');
  });

  it('finds nothing where all is finite', async () => {
    const input = model(false);
    expect(await diagnose(runtime, input, await weights(input), [feeds(0.1)])).toBeUndefined();
    const { origin } = buildFinitenessGraph(input);
    expect(origin(new Float32Array(500))).toBeUndefined();
  });
});

describe('a run that diverges', () => {
  /** Steps 1 and 2 are fine, step 3 is not. */
  async function run(options: Partial<LoopOptions>) {
    const input = model(false);
    const start = initialState(await readParameters(input.forward, input.layout));
    const adamW = { adamW: DEFAULT_ADAMW, accumulate: 1 };
    const stepper = await openStepper(runtime, input, adamW, start);
    try {
      const result = await trainLoop(stepper, start, {
        schedule: { learningRate: 1e-3, steps: 5, warmup: 0, floor: 1 },
        accumulate: 1,
        batch: (index) => feeds(index < 2 ? 0.1 : 1000),
        validateEvery: 100,
        patience: 0,
        onStep: () => undefined,
        checkpointEvery: 100,
        diagnose: (batches) => diagnose(runtime, input, stepper.weights(), batches),
        ...options,
      });
      return { result, state: await stepper.state(), start };
    } finally {
      await stepper.release();
    }
  }

  it('ends with one sentence that says where, when nothing good was seen before', async () => {
    await expect(run({})).rejects.toThrow(
      'At step 3 the loss became NaN and the gradient NaN, which began in the result of the Exp node "/Exp", so training cannot go on; lower the learning rate or clip gradients to a smaller norm.',
    );
  });

  it('keeps the best weights, and the state as it was before the step', async () => {
    const best = { step: 0, loss: 9, theta: Float32Array.of(7) };
    const { result, state, start } = await run({ best });
    expect(result).toEqual({
      theta: best.theta,
      further: {},
      bestStep: 0,
      steps: 2,
      end: 'diverged',
      divergence:
        'At step 3 the loss became NaN and the gradient NaN, which began in the result of the Exp node "/Exp"',
    });
    expect(state.step).toBe(2);
    expect(state.theta.every(Number.isFinite)).toBe(true);
    expect(state.theta).not.toEqual(start.theta);
  });
});
