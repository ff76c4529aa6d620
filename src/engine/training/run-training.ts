import type { TrainingSettings, TrainingSetup } from '../../core/methods/contract.ts';
import { sizeOf } from '../../core/onnx/size.ts';
import type { Model } from '../../core/onnx/types.ts';
import type { TrainingRecord } from '../../core/report/training.ts';
import { DEFAULT_ADAMW } from '../../core/training/adamw.ts';
import { drawMasks } from '../../core/training/draw-mask.ts';
import { readParameters, withParameters } from '../../core/training/parameters.ts';
import { LABELS, poseProblem, type PosedProblem } from '../../core/training/problem.ts';
import { buildValidationGraph } from '../../core/training/validation-graph.ts';
import { inputPorts } from '../../runtime/ports.ts';
import { diagnose } from '../../runtime/trainer/diagnose.ts';
import {
  trainLoop,
  type BestSoFar,
  type LoopResult,
  type StepEvent,
} from '../../runtime/trainer/loop.ts';
import { initialState, type TrainingState } from '../../runtime/trainer/state.ts';
import { openStepper, type Stepper } from '../../runtime/trainer/stepper.ts';
import { validate, type Measured, type Validation } from '../../runtime/trainer/validate.ts';
import type { Runtime, Session } from '../../runtime/types.ts';
import { CheckpointStore } from './checkpoint.ts';
import { Curve } from './curve.ts';
import type { TrainingEvent, TrainingStart } from './events.ts';
import { Pace } from './pace.ts';
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
  const { student, trainable, teacher, objective } = setup;
  const posed = poseProblem({ student, trainable, teacher, objective, shape: data.shape });
  data.checkClasses(posed.classes);
  const checkpoints = new CheckpointStore(run.storage, run.key);
  const { layout } = posed.input;
  const initial = await readParameters(student, layout);
  const kept = await checkpoints.read(layout.size);
  hooks.progress(0, 'preparing');
  const graph = buildValidationGraph(posed.judged, posed.logits, LABELS);
  const judge = await run.runtime.open(graph);
  try {
    const before = await look(judge, run, posed, initial);
    const curve = new Curve(kept);
    // Weights that training made worse are not the result: the beginning counts as a candidate.
    hooks.onStart?.({
      ...{ steps: run.settings.steps, resumedAt: kept?.state.step ?? 0, before: before.loss },
      labelsOnly: objective.every(({ kind }) => kind === 'labels'),
      ...curve.snapshot(),
    });
    const best = kept?.best ?? { step: 0, loss: before.loss.value, theta: initial };
    const ground = { state: kept?.state ?? initialState(initial), best, curve, checkpoints };
    const result = await trained(run, posed, judge, ground, hooks);
    const after = await look(judge, run, posed, result.theta);
    await checkpoints.remove();
    return {
      trained: withParameters(student, layout, result.theta),
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
  readonly best: BestSoFar;
  readonly curve: Curve;
  readonly checkpoints: CheckpointStore;
}

async function trained(
  run: TrainingRun,
  posed: PosedProblem,
  judge: Session,
  { state, best, curve, checkpoints }: Ground,
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
      validate: () => look(judge, run, posed, undefined, stepper),
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
      diagnose: (batches) => diagnose(run.runtime, input, stepper.theta(), batches),
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

/** Held-out loss of θ, or of what the stepper has now. */
function look(
  judge: Session,
  { data }: TrainingRun,
  { judged }: PosedProblem,
  theta: Float32Array | undefined,
  stepper?: Stepper,
): Promise<Validation> {
  const batches = data.validation(inputPorts(judged.forward));
  const current = theta ? { dataType: 1, dims: [theta.length], data: theta } : stepper?.theta();
  if (current === undefined) throw new Error('There is no θ to look at.');
  return validate(judge, current, batches);
}
