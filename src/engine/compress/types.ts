import type { Model } from '../../core/onnx/types.ts';
import type { MeasuredLayer } from '../../core/recipe/build-report.ts';
import type { Ground, TrainWork, TrainingSetup } from '../../core/methods/contract.ts';
import type { TrainingRecord } from '../../core/report/training.ts';
import type { Look } from '../../core/statistics/look.ts';
import type { Seen } from '../../core/statistics/seen.ts';
import type { Walk, WalkStop } from '../../runtime/looks/walk.ts';
import type { RunDevices } from '../run-devices.ts';
import type { TrainedModel } from '../training/run-training.ts';
import type { Spill } from './spill.ts';
import type { Plan, PlannedStep } from '../../core/recipe/plan-types.ts';

/** What the steps so far did to a model. */
export interface StageResult {
  readonly model: Model;
  readonly measured: readonly MeasuredLayer[];
  /** One record per training step so far. */
  readonly trained: readonly TrainingRecord[];
}

/** A step of a recipe while it runs. */
export interface RunningStep {
  readonly planned: PlannedStep;
  /** Position among the plan's steps, for progress. */
  readonly position: number;
  /** Content address of what the step starts from. */
  readonly before: string;
  /** Content address of what the step makes. */
  readonly key: string;
  /** What the plan started from, with bytes everywhere. */
  readonly ground: Ground;
  readonly context: CompressContext;
}

/** Trains what a method prepared; absent when there is no data. */
export interface TrainingProvider {
  /** Hash of all the data training may look at. */
  readonly sha256: string;
  train(
    problem: { readonly work: TrainWork; readonly setup: TrainingSetup },
    /** Content address of the stage: interrupted runs go on from their checkpoint. */
    key: string,
    hooks: StageHooks,
  ): Promise<TrainedModel>;
}

/** Looks at what calibration drives through a model. */
export interface LookProvider {
  /** Hash of the calibration tokens or examples. */
  readonly sha256: string;
  /** Takes the looks that are not known yet, all in one pass. */
  collect(model: Model, looks: readonly Look[], hooks: StageHooks): Promise<Seen>;
  /** Layers in order, each with what the compressed part before it feeds it; see {@link walk}. */
  walk(
    given: Omit<Walk, 'batches'>,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<WalkStop, void, undefined>;
}

export interface StageHooks {
  readonly signal?: AbortSignal;
  readonly progress: (fraction: number, detail?: string) => void;
}

export interface FinishedLayer {
  readonly name: string;
  readonly relativeError: number;
  readonly baselineRelativeError?: number;
  readonly errorKind: MeasuredLayer['errorKind'];
}

/** Bytes by a key of all that decides them. */
export interface KeptBytes {
  /** Undefined where none were kept, or none that can be read. */
  bytes(key: string): Promise<Uint8Array | undefined>;
  /** Keeps them while there is room. */
  keepBytes(key: string, parts: readonly Uint8Array[]): Promise<void>;
}

export interface CompressContext {
  readonly plan: Plan;
  readonly signal?: AbortSignal;
  /** Which of the plan's steps, fraction of it, and what it is doing. */
  readonly progress: (step: number, fraction: number, detail?: string) => void;
  /** A step's result was kept from an earlier run. */
  readonly onKept?: (step: number) => void;
  readonly onLayer?: (layer: FinishedLayer) => void;
  /** Absent when there is no data: methods that need it then refuse. */
  readonly looks?: LookProvider;
  /** In their place for steps, by position, whose ground reads other tokens than the original. */
  readonly looksBehind?: ReadonlyMap<number, LookProvider>;
  readonly training?: TrainingProvider;
  /** Where steps run, and are done again when that fails. Absent: WebAssembly. */
  readonly devices?: RunDevices;
  /** False: the result of the last step is written anyway, and nobody will ask for its stage. */
  readonly keepLast?: boolean;
  /** Where what several recipes have in common outlives the run; absent: nowhere. */
  readonly kept?: KeptBytes;
  /** Where made weights wait for the file; absent: in memory. */
  readonly spill?: Spill;
}
