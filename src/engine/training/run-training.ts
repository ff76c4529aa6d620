import type { TrainingSettings, TrainingSetup } from '../../core/methods/contract.ts';
import { sizeOf } from '../../core/onnx/size.ts';
import type { Model } from '../../core/onnx/types.ts';
import type { TrainingRecord } from '../../core/report/training.ts';
import { DEFAULT_ADAMW } from '../../core/training/adamw.ts';
import type { Between } from '../../core/training/between.ts';
import { drawMasks } from '../../core/training/draw-mask.ts';
import { initialMasking, underMask } from '../../core/training/masking.ts';
import { readParameters, withParameters } from '../../core/training/parameters.ts';
import { LABELS, type PosedProblem } from '../../core/training/problem.ts';
import { buildValidationGraph } from '../../core/training/validation-graph.ts';
import { VALUES } from '../../core/training/value-names.ts';
import { inputPorts } from '../../runtime/ports.ts';
import { diagnose } from '../../runtime/trainer/diagnose.ts';
import {
  trainLoop,
  type BestSoFar,
  type LoopResult,
  type StepEvent,
} from '../../runtime/trainer/loop.ts';
import { initialState, type TrainingState } from '../../runtime/trainer/state.ts';
import { vector } from '../../runtime/trainer/feeds.ts';
import { openStepper, type WeightFeeds } from '../../runtime/trainer/stepper.ts';
import { validate, type Measured, type Validation } from '../../runtime/trainer/validate.ts';
import type { Runtime, Session } from '../../runtime/types.ts';
import { CheckpointStore } from './checkpoint.ts';
import { Curve } from './curve.ts';
import type { TrainingEvent, TrainingStart } from './events.ts';
import { Pace } from './pace.ts';
import { posedOf } from './pose.ts';
import type { TrainingData } from './types.ts';
import type { Storage } from '../storage/types.ts';

export interface TrainingHooks {
  readonly signal?: AbortSignal;
  readonly paused?: () => Promise<void> | undefined;
  readonly onStart?: (start: TrainingStart) => void;
  readonly onEvent?: (event: TrainingEvent) => void;
  readonly progress: (fraction: number, detail?: string) => void;
}

export interface TrainingRun {
  readonly runtime: Runtime;
  readonly setup: TrainingSetup;
  readonly settings: TrainingSettings;
  readonly data: TrainingData;
  readonly seed: number;
  readonly storage: Storage;
  /** Content address of the run: checkpoints are found by it. */
  readonly key: string;
  readonly now: () => number;
}

export interface TrainedModel {
  /** The student with its trained weights. */
  readonly trained: Model;
  readonly record: Omit<TrainingRecord, 'step' | 'method'>;
}

/**
 * Trains a prepared model. Takes up a checkpoint of the same run when there is one, and goes on as if it
 * had never stopped. Sessions are released whatever happens.
 */
export async function runTraining(run: TrainingRun, hooks: TrainingHooks): Promise<TrainedModel> {
  const { setup, data } = run;
  const { student, objective } = setup;
  const posed = posedOf(setup, data.shape);
  data.checkClasses(posed.classes);
  const checkpoints = new CheckpointStore(run.storage, run.key);
  const { layout } = posed.input;
  const initial = await readParameters(student, layout);
  const beginning = initialState(initial, initialMasking(posed.input.masked));
  const between = setup.between?.(layout);
  const kept = await checkpoints.read(layout.size);
  hooks.progress(0, 'preparing');
  const graph = buildValidationGraph(posed.judged, posed.logits, LABELS);
  const judge = await run.runtime.open(graph);
  try {
    const before = await look(judge, run, posed, weightFeeds(beginning));
    const curve = new Curve(kept);
    // Weights that training made worse are not the result: the beginning counts as a candidate.
    hooks.onStart?.({
      ...{ steps: run.settings.steps, resumedAt: kept?.state.step ?? 0, before: before.loss },
      labelsOnly: objective.every(({ kind }) => kind === 'labels'),
      ...curve.snapshot(),
    });
    const first = { step: 0, loss: before.loss.value, theta: initial };
    const best = kept?.best ?? (first.step > (between?.settled ?? -1) ? first : undefined);
    const ground = { state: kept?.state ?? beginning, best, curve, checkpoints, between };
    const result = await trained(run, posed, judge, ground, hooks);
    const after = await look(judge, run, posed, weightFeeds(result));
    await checkpoints.remove();
    return {
      trained: withParameters(student, layout, shown(result)),
      record: {
        ...{ trainedParameters: layout.size, parameters: sizeOf(student).parameters },
        ...{ steps: result.steps, end: result.end, bestStep: result.bestStep },
        ...(result.divergence !== undefined && { divergence: result.divergence }),
        ...{ before: writable(before.loss), after: writable(after.loss) },
        ...curve.thinned(),
      },
    };
  } finally {
    await judge.release();
  }
}

/** JSON has no Infinity: the error of a single example is unknown. */
function writable({ value, standardError, n }: Measured): TrainingRecord['before'] {
  return { value, standardError: Number.isFinite(standardError) ? standardError : null, n };
}

interface Ground {
  readonly state: TrainingState;
  readonly best: BestSoFar | undefined;
  readonly between: Between | undefined;
  readonly curve: Curve;
  readonly checkpoints: CheckpointStore;
}

async function trained(
  run: TrainingRun,
  posed: PosedProblem,
  judge: Session,
  { state, best, between, curve, checkpoints }: Ground,
  hooks: TrainingHooks,
): Promise<LoopResult> {
  const { settings } = run;
  const adamW = { ...DEFAULT_ADAMW, weightDecay: settings.weightDecay };
  const options = { adamW, accumulate: settings.accumulate };
  const input = { ...posed.input, keepZeros: zerosKept(run.setup, posed, state.theta) };
  const stepper = await openStepper(run.runtime, input, options, state);
  const ports = inputPorts(posed.judged.forward);
  const labelsPerStep = run.data.labelsPerBatch * settings.accumulate;
  const pace = new Pace({ steps: settings.steps, labelsPerStep, now: run.now }, state.step);
  try {
    return await trainLoop(stepper, state, {
      schedule: { ...settings, floor: 0.1 },
      accumulate: settings.accumulate,
      batch: (index) => ({
        ...run.data.batch(index, ports, run.seed),
        ...drawMasks(posed.masks, run.seed, index),
      }),
      validate: () => look(judge, run, posed, stepper.weights()),
      validateEvery: settings.validateEvery,
      patience: settings.patience,
      checkpointEvery: settings.validateEvery,
      checkpointDue: () => pace.isCheckpointDue(),
      onStep: (event) => {
        curve.add(event);
        hooks.onEvent?.(pace.event(event));
        hooks.progress(event.step / settings.steps, detailOf(event, settings.steps));
      },
      onCheckpoint: async (now, found) => {
        await checkpoints.write({ state: now, best: found, ...curve.all() });
        pace.checkpointed();
      },
      best,
      between,
      diagnose: (batches) => diagnose(run.runtime, input, stepper.weights(), batches),
      ...(hooks.signal && { signal: hooks.signal }),
      paused: () => {
        const over = hooks.paused?.();
        return over && pace.pause(over);
      },
    });
  } finally {
    await stepper.release();
  }
}

/** Share of exact zeros from which matrices count as pruned; a trained one has hardly any. */
const PRUNED = 0.01;

function zerosKept({ keepZeros }: TrainingSetup, { input }: PosedProblem, theta: Float32Array) {
  if (typeof keepZeros !== 'boolean') return new Set(keepZeros);
  const matrices = theta.subarray(0, input.layout.decayed);
  const zeros = matrices.reduce((count, value) => count + (value === 0 ? 1 : 0), 0);
  return keepZeros && zeros >= PRUNED * matrices.length && zeros > 0;
}

function detailOf({ step, loss }: StepEvent, steps: number): string {
  return `step ${step} of ${steps}, loss ${loss.toFixed(3)}`;
}

/** Held-out loss of weights. */
function look(
  judge: Session,
  { data }: TrainingRun,
  { judged }: PosedProblem,
  weights: WeightFeeds,
): Promise<Validation> {
  return validate(judge, weights, data.validation(inputPorts(judged.forward)));
}

type Weights = Pick<TrainingState, 'theta' | 'further'>;

function weightFeeds({ theta, further }: Weights): WeightFeeds {
  const mask = maskOf(further);
  return {
    [VALUES.theta]: vector(theta),
    ...(mask && { [VALUES.mask]: vector(mask) }),
  };
}

/** What of θ is in the model. */
function shown({ theta, further }: Weights): Float32Array {
  return underMask(theta, maskOf(further));
}

function maskOf(further: TrainingState['further']): Float32Array | undefined {
  return Object.hasOwn(further, VALUES.mask) ? further[VALUES.mask] : undefined;
}
