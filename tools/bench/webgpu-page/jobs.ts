import { findLayers } from '../../../src/core/anatomy/layers.ts';
import { looksAtInputs } from '../../../src/core/statistics/look.ts';
import type { Model } from '../../../src/core/onnx/types.ts';
import { DataType } from '../../../src/core/tensor/data-type.ts';
import { DEFAULT_ADAMW } from '../../../src/core/training/adamw.ts';
import { LABELS_ONLY } from '../../../src/core/training/objective.ts';
import { readParameters } from '../../../src/core/training/parameters.ts';
import { LABELS, poseProblem } from '../../../src/core/training/problem.ts';
import { outputErrorsOn } from '../../../src/runtime/device-products.ts';
import { evaluate } from '../../../src/runtime/evaluate/evaluate.ts';
import { languageFeeds } from '../../../src/runtime/feeds.ts';
import { generate } from '../../../src/runtime/generate.ts';
import { collectLooks, layerInputs } from '../../../src/runtime/looks/collect-looks.ts';
import { inputPorts } from '../../../src/runtime/ports.ts';
import { initialState } from '../../../src/runtime/trainer/state.ts';
import { openStepper } from '../../../src/runtime/trainer/stepper.ts';
import type { Runtime } from '../../../src/runtime/types.ts';
import { toFloats } from '../../../src/runtime/values.ts';
import { languageModel, singleProduct, type Size } from '../models.ts';
import { STORED_PRODUCTS, storedProduct } from './stored-products.ts';

export interface Scale extends Size {
  readonly tokens: number;
  readonly product: number;
}

/** Something to be timed. Its number says what came out, to be compared with another device's. */
export interface Job {
  run(): Promise<number>;
  release(): Promise<void>;
}

type MakeJob = (runtime: Runtime, scale: Scale) => Promise<Job>;

function windowOf({ tokens, vocabulary }: Scale, seed: number): Int32Array {
  return Int32Array.from({ length: tokens }, (_, i) => (7919 * (i + 1) * seed) % vocabulary);
}

function meanOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += Math.abs(values[i]);
  return sum / values.length;
}

const nothing = async (): Promise<void> => {};

function looking(take: 'maxima' | 'moments'): MakeJob {
  return async (runtime, scale) => {
    const model = languageModel(scale);
    const layers = findLayers(model).filter(({ op }) => op !== 'Gather');
    const [first] = layerInputs(model).slice(1);
    const looks = looksAtInputs(layers, [take]);
    const feeds = languageFeeds(inputPorts(model), { windows: [windowOf(scale, 1)] });
    const view = { value: first };
    return {
      release: nothing,
      async run() {
        const seen = await collectLooks(runtime, model, looks, [{ feeds }]);
        const found = seen.at(looks.find((look) => look.value === view.value) ?? looks[0], take);
        return meanOf(found?.values ?? []);
      },
    };
  };
}

async function evaluating(runtime: Runtime, scale: Scale): Promise<Job> {
  const session = await runtime.open(languageModel(scale));
  const windows = [1, 2].map((seed, document) => ({
    ids: windowOf(scale, seed),
    firstCounted: 1,
    document,
  }));
  return {
    release: () => session.release(),
    async run() {
      const { compressed } = await evaluate(
        { model: { session } },
        { task: 'language-model', windows },
      );
      return Math.log(compressed.perplexity?.value ?? NaN);
    },
  };
}

async function generating(runtime: Runtime, scale: Scale): Promise<Job> {
  const session = await runtime.open(languageModel(scale));
  const prompt = [...windowOf(scale, 3).subarray(0, 16)];
  return {
    release: () => session.release(),
    async run() {
      const steps = await generate(session, prompt, { tokens: 8, contextLength: scale.tokens });
      return steps.reduce((sum, { probability }) => sum + probability, 0);
    },
  };
}

async function training(runtime: Runtime, scale: Scale): Promise<Job> {
  const student = languageModel({ ...scale, blocks: 1 });
  const shape = { batch: 2, length: Math.min(64, scale.tokens) };
  const trainable = weightsOf(student);
  const { input } = poseProblem({ student, trainable, objective: LABELS_ONLY, shape });
  const start = initialState(await readParameters(input.forward, input.layout));
  const stepper = await openStepper(runtime, input, { adamW: DEFAULT_ADAMW, accumulate: 1 }, start);
  const ids = (shift: number) => ({
    dataType: DataType.int64,
    dims: [shape.batch, shape.length],
    data: BigInt64Array.from({ length: shape.batch * shape.length }, (_, i) =>
      BigInt((7919 * (i + shift)) % scale.vocabulary),
    ),
  });
  const batch = { input_ids: ids(0), [LABELS]: ids(1) };
  let first: number | undefined;
  return {
    release: () => stepper.release(),
    async run() {
      const { loss } = await stepper.step([batch], 1e-4);
      // Later steps are of other weights: the first says whether the devices agree.
      return (first ??= loss);
    },
  };
}

/** Projections of the blocks: the tables over the vocabulary would be most of the step. */
function weightsOf(model: Model): string[] {
  return model.graph.initializers
    .filter(
      ({ name, dims }) => name.endsWith('.weight') && name.includes('layers') && dims.length === 2,
    )
    .map(({ name }) => name);
}

async function multiplying(runtime: Runtime, { product }: Scale): Promise<Job> {
  const session = await runtime.open(singleProduct(product));
  const data = Float32Array.from({ length: product * product }, (_, i) => ((i % 17) - 8) / 8);
  const x = { dataType: DataType.float32, dims: [product, product], data };
  return {
    release: () => session.release(),
    run: async () => meanOf(toFloats((await session.run({ x })).y)),
  };
}

function storing(form: string, tokens: number): MakeJob {
  return async (runtime, { product }) => {
    const session = await runtime.open(storedProduct(form, product));
    const data = Float32Array.from({ length: tokens * product }, (_, i) => ((i % 17) - 8) / 8);
    const x = { dataType: DataType.float32, dims: [tokens, product], data };
    return {
      release: () => session.release(),
      run: async () => meanOf(toFloats((await session.run({ x })).y)),
    };
  };
}

async function judging(runtime: Runtime, { product }: Scale): Promise<Job> {
  const weight = Float32Array.from({ length: product ** 2 }, (_, i) => ((i % 31) - 15) / 64);
  const moments = Float32Array.from({ length: product ** 2 }, (_, i) => {
    const [row, column] = [Math.floor(i / product), i % product];
    return row === column ? 8 : 1 / (1 + Math.abs(row - column));
  });
  const decoded = weight.map((value, i) => value + ((i % 7) - 3) / 512);
  const errors = outputErrorsOn(runtime, weight, moments, product);
  return { release: nothing, run: () => errors(decoded) };
}

export const JOBS: Readonly<Record<string, MakeJob>> = {
  capture: looking('maxima'),
  'second moments': looking('moments'),
  evaluation: evaluating,
  generation: generating,
  'training step': training,
  'large product': multiplying,
  'error of a layer': judging,
  ...Object.fromEntries(
    STORED_PRODUCTS.map(({ form, tokens, name }) => [`product, ${name}`, storing(form, tokens)]),
  ),
};
