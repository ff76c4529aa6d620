import type { Anatomy, Layer } from '../anatomy/types.ts';
import type { Method } from '../methods/contract.ts';
import type { EncodedWeight } from '../methods/encoding.ts';
import type { Model } from '../onnx/types.ts';
import type { Coverage, ModelSize } from '../report/types.ts';
import type { Recipe, Step } from './types.ts';

/** One layer a step compresses. */
export interface PlannedLayer {
  /** As it stands in the model this step starts from. */
  readonly layer: Layer;
  /** The form it will take: no values, exact size. */
  readonly encoded: EncodedWeight;
  /** Bytes of its weight before and after this step; a weight shared by several layers counts for the first. */
  readonly bytesBefore: number;
  readonly bytesAfter: number;
}

export interface Skipped {
  readonly name: string;
  readonly reason: string;
}

/** A model with what was recognised in it. */
export interface Ground {
  readonly model: Model;
  readonly anatomy: Anatomy;
}

/** What one step will do. Disabled steps are not planned. */
export interface PlannedStep {
  /** Index into `recipe.steps`. */
  readonly index: number;
  readonly step: Step;
  readonly method: Method;
  /** Layers to compress with a layer method, in this order; empty for graph methods. */
  readonly layers: readonly PlannedLayer[];
  /** Layers a graph method is pointed at. */
  readonly targets: readonly Layer[];
  readonly skipped: readonly Skipped[];
  /** Set when a step before put another model in the original's place: that model, before later steps. */
  readonly ground?: Ground;
}

/** A sentence that stops the recipe from running, with the path of the culprit. */
export interface PlanProblem {
  readonly path: string;
  readonly message: string;
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
  /** Bytes of the exported file, metadata included. */
  readonly bytes: number;
  readonly before: ModelSize;
  readonly after: ModelSize;
  /** One line per layer of the anatomy. */
  readonly layers: readonly PlannedSize[];
  readonly coverage: Coverage;
  readonly needsCalibration: boolean;
  /** Names of the stages, for the progress bar. */
  readonly stages: readonly string[];
}
