import { createHash } from 'node:crypto';
import { CancelledError } from '../../src/core/errors/lathe-error.ts';
import type { Model } from '../../src/core/onnx/types.ts';
import { writeModel } from '../../src/core/onnx/write.ts';
import { LABELS_ONLY } from '../../src/core/training/objective.ts';
import { readParameters, withParameters } from '../../src/core/training/parameters.ts';
import { LABELS, poseProblem } from '../../src/core/training/problem.ts';
import { buildValidationGraph } from '../../src/core/training/validation-graph.ts';
import { trainLoop } from '../../src/runtime/trainer/loop.ts';
import { initialState } from '../../src/runtime/trainer/state.ts';
import { openStepper } from '../../src/runtime/trainer/stepper.ts';
import { validate } from '../../src/runtime/trainer/validate.ts';
import type { Runtime } from '../../src/runtime/types.ts';
import { readCheckpoint, type Checkpoint } from './checkpoint.ts';
import { Sitting } from './sitting.ts';
import { trainableWeights } from './trainable-weights.ts';
import type {
  Train,
  TrainHooks,
  TrainingConfig,
  TrainingData,
  TrainingRecord,
} from './trainer-contract.ts';

/**
 * The trainer of the gallery: all weights, cross-entropy with the labels, on the project's own
 * training graphs. Goes on from the folder's checkpoint if it is of the same model and configuration.
 */
export function trainerOn(runtime: Runtime): Train {
  return async (model, data, config, hooks) => {
    const posed = poseProblem({
      student: model,
      trainable: trainableWeights(model),
      objective: LABELS_ONLY,
      shape: config.shape,
    });
    const { layout } = posed.input;
    const start = await beginning(hooks, await runName(model, config), () =>
      readParameters(model, layout),
    );
    const last = await sit(runtime, posed, data, config, hooks, start);
    return {
      model: withParameters(model, layout, last.best.theta),
      record: recordOf(last, runtime, data.labelsPerBatch),
      finished: last.state.step >= config.schedule.steps,
    };
  };
}

async function sit(
  runtime: Runtime,
  posed: ReturnType<typeof poseProblem>,
  data: TrainingData,
  config: TrainingConfig,
  hooks: TrainHooks,
  start: Checkpoint,
): Promise<Checkpoint> {
  const { input, logits } = posed;
  const options = { adamW: config.adamW, accumulate: 1 };
  const stepper = await openStepper(runtime, input, options, start.state);
  const judge = await runtime.open(buildValidationGraph(input, logits, LABELS));
  const sitting = new Sitting(start, hooks);
  try {
    await trainLoop(stepper, start.state, {
      schedule: config.schedule,
      accumulate: 1,
      batch: (index) => data.batch(index),
      validate: () => sitting.untimed(() => validate(judge, stepper.weights(), data.validation)),
      validateEvery: config.validateEvery,
      patience: 0,
      checkpointEvery: config.validateEvery,
      onStep: (event) => sitting.step(event),
      onCheckpoint: async (state) => sitting.checkpoint(state),
      signal: sitting.signal,
    });
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error;
  } finally {
    await judge.release();
    await stepper.release();
  }
  return sitting.last;
}

async function beginning(
  { folder, log }: TrainHooks,
  run: string,
  parameters: () => Promise<Float32Array>,
): Promise<Checkpoint> {
  const found = readCheckpoint(folder, run);
  if (found !== undefined) {
    log(`going on from step ${found.state.step}`);
    return found;
  }
  const theta = await parameters();
  const best = { step: 0, loss: Infinity, theta };
  return { state: initialState(theta), best, curve: [], seconds: 0, run };
}

/** Equal for equal graphs, weights and configurations. */
async function runName(model: Model, config: TrainingConfig): Promise<string> {
  const hash = createHash('sha256').update(await writeModel(model));
  return hash.update(JSON.stringify(config)).digest('hex');
}

function recordOf(
  { state, best, curve, seconds }: Checkpoint,
  { device, threads }: Runtime,
  labelsPerBatch: number,
): TrainingRecord {
  return {
    device,
    threads,
    parameters: state.theta.length,
    steps: state.step,
    bestStep: best.step,
    seconds: Math.round(seconds),
    labelsPerSecond: Math.round((state.step * labelsPerBatch) / Math.max(1e-9, seconds)),
    curve,
  };
}
