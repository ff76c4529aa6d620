import type { Anatomy, Layer } from '../anatomy/types.ts';
import type { Ground, Method, StepPlan } from '../methods/contract.ts';
import type { CacheChange } from '../cache/model-ports.ts';
import type { Model } from '../onnx/types.ts';
import type { Coverage, ModelSize } from '../report/types.ts';
import type { Recipe, Step } from './types.ts';

/** What one step will do. Disabled steps are not planned. */
export interface PlannedStep extends StepPlan {
  /** Index into `recipe.steps`. */
  readonly index: number;
  readonly step: Step;
  readonly method: Method;
  /** Checked, defaults filled in. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly targets: readonly Layer[];
  /** What the step starts from: the run has the same graph, with bytes in its holes. */
  readonly ground: Ground;
}

/** A sentence that stops the recipe from running, with the path of the culprit. */
export interface PlanProblem {
  readonly path: string;
  readonly message: string;
  /** The step (index into `recipe.steps`) that the culprit has to stand before. */
  readonly before?: number;
}

/** Bytes of one layer's weight in the original and in the planned model. */
export interface PlannedSize {
  readonly name: string;
  readonly bytesBefore: number;
  readonly bytesAfter: number;
  /** Set when a step was pointed at this layer and none changed it. */
  readonly reason?: string;
}

/** What a recipe will do to a model, exactly, before anything runs. */
export interface Plan {
  readonly recipe: Recipe;
  readonly steps: readonly PlannedStep[];
  /** Empty when the recipe can run. */
  readonly problems: readonly PlanProblem[];
  /** The resulting model with its metadata: new weights are planned, their sizes exact. */
  readonly model: Model;
  /** What is in it, as the steps say: after a cut fewer blocks, heads, neurons. */
  readonly anatomy: Anatomy;
  /** Bytes of the exported file, metadata included. */
  readonly bytes: number;
  /** Set while data decides sizes: the file will take at most so many bytes, and `bytes` is one possibility. */
  readonly atMost?: number;
  readonly before: ModelSize;
  /** Set where the recipe changes what a decoder's cache takes. */
  readonly cache?: CacheChange;
  readonly after: ModelSize;
  /** One line per layer of the anatomy. */
  readonly layers: readonly PlannedSize[];
  readonly coverage: Coverage;
  /** Sentences to read before running. */
  readonly warnings: readonly string[];
  readonly needsCalibration: boolean;
  /** Names of the stages, for the progress bar. */
  readonly stages: readonly string[];
}
