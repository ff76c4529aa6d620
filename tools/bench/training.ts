import { findLayers } from '../../src/core/anatomy/layers.ts';
import { staticValues } from '../../src/core/autodiff/static-values.ts';
import { gaussian } from '../../src/core/kernels/testing.ts';
import { insertAdapters } from '../../src/core/methods/tuning/lora/adapter.ts';
import { initialLlamaWeights } from '../../src/core/onnx/build/initial-weights.ts';
import { buildLlama } from '../../src/core/onnx/build/llama.ts';
import type { Model } from '../../src/core/onnx/types.ts';
import { seededRandom } from '../../src/core/random/seeded.ts';
import { DataType } from '../../src/core/tensor/data-type.ts';
import { DEFAULT_ADAMW } from '../../src/core/training/adamw.ts';
import { LABELS_ONLY } from '../../src/core/training/objective.ts';
import { readParameters } from '../../src/core/training/parameters.ts';
import { LABELS, poseProblem } from '../../src/core/training/problem.ts';
import { buildTrainingGraph, type TrainingInput } from '../../src/core/training/training-graph.ts';
import { initialState } from '../../src/runtime/trainer/state.ts';
import { openStepper, type Feeds } from '../../src/runtime/trainer/stepper.ts';
import type { Runtime } from '../../src/runtime/types.ts';
import { matMulModel } from './kernel-anchors.ts';

/** The model of the goals: 5.2 million weights, its head tied to its embedding. */
export const TRAINED = {
  vocabularySize: 8192,
  hiddenSize: 256,
  feedForwardWidth: 680,
  blocks: 4,
  heads: 4,
  keyValueHeads: 4,
  maxPositions: 128,
  rotary: 'half-split',
} as const;
export const BATCH = 8;
export const LENGTH = 128;
export const TOKENS = BATCH * LENGTH;
const RATE = 1e-4;
const RANK = 8;
/** Edge of the square product by which onnxruntime's rate is measured. */
const SQUARE = 1024;

export type What = 'full' | 'lora';
export type Work = () => Promise<unknown>;

/** The model and the weights that are trained: all, or adapters of rank 8 beside every linear layer. */
export function trained(what: What): { readonly student: Model; readonly trainable: string[] } {
  const model = buildLlama(TRAINED, initialLlamaWeights(TRAINED, 1));
  if (what === 'full') {
    const names = model.graph.initializers.map(({ name }) => name);
    return { student: model, trainable: names.filter((name) => name.endsWith('.weight')) };
  }
  const blocks = findLayers(model).filter(({ name }) => name.startsWith('model.layers.'));
  const random = seededRandom(1, 'adapters');
  const { graph, adapters } = insertAdapters(
    model,
    blocks,
    { rank: RANK, alpha: 2 * RANK },
    random,
  );
  return { student: { ...model, graph }, trainable: adapters.flatMap(({ a, b }) => [a, b]) };
}

export function problem(what: What, size = BATCH): TrainingInput {
  const shape = { batch: size, length: LENGTH };
  return poseProblem({ ...trained(what), objective: LABELS_ONLY, shape }).input;
}

/** 2·m·k·n over all matrix products of the training graph. */
export function productFlops(input: TrainingInput): number {
  const { model } = buildTrainingGraph(input, DEFAULT_ADAMW);
  const values = staticValues(model);
  const size = (name: string) => values.type(name)?.dims ?? [];
  const count = (dims: readonly number[]) => dims.reduce((a, b) => a * b, 1);
  return model.graph.nodes.reduce((sum, { opType, inputs, outputs }) => {
    if (opType !== 'MatMul' && opType !== 'Gemm') return sum;
    const [m, n] = size(outputs[0]).slice(-2);
    const batch = count(size(outputs[0])) / (m * n);
    // [m, k] has as many elements whichever way round it is stored.
    const k = count(size(inputs[0])) / (m * batch);
    return sum + 2 * batch * m * k * n;
  }, 0);
}

function tokensOf(seed: number, count: number): BigInt64Array {
  const random = seededRandom(seed, 'tokens');
  return BigInt64Array.from({ length: count }, () =>
    BigInt(Math.floor(random.next() * TRAINED.vocabularySize)),
  );
}

function batch(size: number): Feeds {
  const int64 = (seed: number) => ({
    dataType: DataType.int64,
    dims: [size, LENGTH],
    data: tokensOf(seed, size * LENGTH),
  });
  return { input_ids: int64(1), [LABELS]: int64(2) };
}

/** A whole optimiser step as the trainer takes it. */
export async function trainingStep(
  runtime: Runtime,
  input: TrainingInput,
  size = BATCH,
): Promise<Work> {
  const start = initialState(await readParameters(input.forward, input.layout));
  const options = { adamW: DEFAULT_ADAMW, accumulate: 1 };
  const stepper = await openStepper(runtime, input, options, start);
  const feeds = batch(size);
  return () => stepper.step([feeds], RATE);
}

/** A square product of {@link SQUARE_FLOPS} operations. */
export async function squareProduct(runtime: Runtime): Promise<Work> {
  const session = await runtime.open(matMulModel(SQUARE));
  const values = (seed: number) => ({
    dataType: DataType.float32,
    dims: [SQUARE, SQUARE],
    data: gaussian(SQUARE * SQUARE, seed),
  });
  const feeds = { a: values(1), b: values(2) };
  return () => session.run(feeds);
}
export const SQUARE_FLOPS = 2 * SQUARE ** 3;
