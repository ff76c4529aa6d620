import type { Dataset } from '../core/data/types.ts';
import type { Plan } from '../core/recipe/plan-types.ts';
import type { Decision } from '../core/report/types.ts';
import type { Recipe } from '../core/recipe/types.ts';
import type { Spill } from './compress/spill.ts';
import type { SoFar } from '../runtime/evaluate/types.ts';
import type { FinishedLayer } from './compress/types.ts';
import type { CalibrationRuns } from './data/calibration.ts';
import type { PreparedEvaluation } from './data/evaluation.ts';
import type { Host } from './host.ts';
import type { OpenModel } from './model/open.ts';
import type { RunDevices } from './run-devices.ts';
import type { TrainingEvent, TrainingStart } from './training/events.ts';
import type { JobProgressBar, OnProgress } from './progress.ts';
import type { Trial } from './trials/types.ts';
import type { Spoken } from './vocabulary/spoken.ts';

export interface TrialInput {
  readonly open: OpenModel;
  readonly recipe: Recipe;
  readonly calibration?: Dataset;
  readonly evaluation?: Dataset;
  /** Name of the data file beside the model, should it be too large for one file. */
  readonly dataName?: string;
  /** False: only the file is wanted, and nothing is run to measure it. */
  readonly measure?: boolean;
  /** Where the very same run was finished and measured before, its trial is the answer, and nothing is run. */
  readonly reuse?: boolean;
  /** What is to be known about the choice of data; it goes into the report. */
  readonly warnings?: readonly string[];
  /** What the decisions in its recipe, made just before, rest on. */
  readonly decisions?: readonly Decision[];
}

export interface TrialHooks {
  readonly signal?: AbortSignal;
  readonly progress: OnProgress;
  readonly onLayer?: (layer: FinishedLayer) => void;
  /** Something happened that did not stop the run: a lost device. One sentence. */
  readonly onNotice?: (sentence: string) => void;
  /** Before the first step of a training, with what a checkpoint of an earlier sitting holds. */
  readonly onTrainingStart?: (start: TrainingStart) => void;
  readonly onTraining?: (event: TrainingEvent) => void;
  /** Whether somebody has seen enough of the measuring: it ends with what it has. */
  readonly enough?: () => boolean;
  /** What measuring came to so far, and how large the file is. */
  readonly onInterim?: (soFar: SoFar & { readonly bytes: number }) => void;
  /** The trial is measured and kept; only the comparison of devices goes on. */
  readonly onMeasured?: (trial: Trial) => void;
  /** Resolves when a paused training may go on; undefined while it is not paused. */
  readonly paused?: () => Promise<void> | undefined;
}

/** One run, with all that its parts share. */
export interface Job {
  /** Its `runtime` is that of `devices`. */
  readonly host: Host;
  readonly devices: RunDevices;
  readonly input: TrialInput;
  readonly hooks: TrialHooks;
  readonly plan: Plan;
  readonly calibration: CalibrationRuns | undefined;
  /** Calibration of the steps behind one that changed the vocabulary, by their place in the plan. */
  readonly recalibrated: ReadonlyMap<number, CalibrationRuns>;
  /** How data is read behind all steps. */
  readonly spoken: Spoken;
  /** Hash of the whole calibration data, when a step trains on it. */
  readonly trainingSha256: string | undefined;
  readonly evaluation: PreparedEvaluation;
  /** Why the written file will not be run, known before the work starts. */
  readonly unmeasured: string | undefined;
  readonly bar: JobProgressBar;
  readonly spill: Spill;
}
