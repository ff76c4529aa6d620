import { initialLlamaWeights } from '../../src/core/onnx/build/initial-weights.ts';
import type { LlamaConfig } from '../../src/core/onnx/build/llama-config.ts';
import { buildLlama } from '../../src/core/onnx/build/llama.ts';
import type { Model } from '../../src/core/onnx/types.ts';
import { seededRandom } from '../../src/core/random/seeded.ts';
import { DataType } from '../../src/core/tensor/data-type.ts';
import { DEFAULT_ADAMW, type AdamWOptions } from '../../src/core/training/adamw.ts';
import { LABELS_ONLY } from '../../src/core/training/objective.ts';
import { batchIndices } from '../../src/core/training/order.ts';
import { readParameters } from '../../src/core/training/parameters.ts';
import { LABELS, poseProblem } from '../../src/core/training/problem.ts';
import { learningRateAt, type Schedule } from '../../src/core/training/schedule.ts';
import { initialState } from '../../src/runtime/trainer/state.ts';
import { openStepper, type Feeds } from '../../src/runtime/trainer/stepper.ts';
import type { Runtime } from '../../src/runtime/types.ts';

/** The layout of the story model, as small as it can be with everything in it: grouped heads, tied head. */
export const STORY: LlamaConfig = {
  vocabularySize: 64,
  hiddenSize: 32,
  feedForwardWidth: 64,
  blocks: 2,
  heads: 4,
  keyValueHeads: 2,
  maxPositions: 16,
  rotary: 'half-split',
};
export const BATCH = 2;
export const LENGTH = 16;
export const ADAMW: AdamWOptions = { ...DEFAULT_ADAMW, weightDecay: 0.1, clipNorm: 1 };
export const SCHEDULE: Schedule = { learningRate: 5e-3, steps: 50, warmup: 5, floor: 0.1 };
const WINDOWS = 40;

export function storyModel(): Model {
  return buildLlama(STORY, initialLlamaWeights(STORY, 7, 0.1));
}

/** All weights of the story model: its rotary tables and constants are none. */
export function storyWeights(model: Model): string[] {
  return model.graph.initializers
    .map(({ name }) => name)
    .filter((name) => name.endsWith('.weight'));
}

/** Each token follows from the one before, but every tenth: something can be learned in 50 steps, not all. */
function tokens(): Int32Array {
  const random = seededRandom(7, 'tokens');
  const result = new Int32Array(WINDOWS * LENGTH + 1);
  for (let i = 1; i < result.length; i++) {
    const noise = Math.floor(random.next() * STORY.vocabularySize);
    result[i] = random.next() < 0.1 ? noise : (5 * result[i - 1] + 3) % 16;
  }
  return result;
}

export interface StoryBatch {
  readonly inputs: readonly number[];
  readonly labels: readonly number[];
}

/** The batches of all steps in the trainer's own seeded order; a label in 16 is left out (−100). */
export function storyBatches(): StoryBatch[] {
  const all = Array.from(tokens());
  return Array.from({ length: SCHEDULE.steps }, (_, step) => {
    const starts = batchIndices(step, BATCH, WINDOWS, 7).map((window) => window * LENGTH);
    const cut = (shift: number) =>
      starts.flatMap((start) => all.slice(start + shift, start + shift + LENGTH));
    return { inputs: cut(0), labels: cut(1).map((id, i) => (i % LENGTH === 2 ? -100 : id)) };
  });
}

export function storyFeeds({ inputs, labels }: StoryBatch): Feeds {
  const int64 = (values: readonly number[]) => ({
    dataType: DataType.int64,
    dims: [BATCH, LENGTH],
    data: BigInt64Array.from(values, BigInt),
  });
  return { input_ids: int64(inputs), [LABELS]: int64(labels) };
}

/** Losses of the 50 steps (or the first `steps` of them) on a runtime; `onStep` is called after each. */
export async function storyLosses(
  runtime: Runtime,
  onStep = (_step: number): void => {},
  steps = SCHEDULE.steps,
) {
  const model = storyModel();
  const { input } = poseProblem({
    student: model,
    trainable: storyWeights(model),
    objective: LABELS_ONLY,
    shape: { batch: BATCH, length: LENGTH },
  });
  const start = initialState(await readParameters(input.forward, input.layout));
  const stepper = await openStepper(runtime, input, { adamW: ADAMW, accumulate: 1 }, start);
  const losses: number[] = [];
  for (const [step, batch] of storyBatches().slice(0, steps).entries()) {
    const { loss } = await stepper.step([storyFeeds(batch)], learningRateAt(step, SCHEDULE));
    losses.push(loss);
    onStep(step + 1);
  }
  await stepper.release();
  return losses;
}
