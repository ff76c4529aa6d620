import type { Fillings } from '../onnx/fill.ts';
import type { Model } from '../onnx/types.ts';
import type { Between } from '../training/between.ts';
import type { Masked } from '../training/masking.ts';
import type { Objective } from '../training/objective.ts';
import type { ParameterLayout } from '../training/parameters.ts';

/** How long and how fast a training method trains; every one of them has these options. */
export interface TrainingSettings {
  readonly steps: number;
  readonly learningRate: number;
  readonly warmup: number;
  readonly batchSize: number;
  /** Batches whose gradients make one step. */
  readonly accumulate: number;
  readonly weightDecay: number;
  /** Steps between two looks at held-out data, and looks without gain after which it ends (0: never). */
  readonly validateEvery: number;
  readonly patience: number;
}

/** Text that the original is to write for the student to learn from. */
export interface Generation {
  readonly count: number;
  /** Tokens of the user's texts that each begins with. */
  readonly promptTokens: number;
  readonly temperature: number;
  readonly topP?: number;
}

/** What is trained, towards what. */
export interface TrainingSetup {
  /** The model to train, with whatever was added to it. */
  readonly student: Model;
  /** Initializers of `student` that change. */
  readonly trainable: readonly string[];
  readonly teacher?: Model;
  readonly objective: Objective;
  /**
   * Pruned weights stay pruned: matrix entries that are exactly zero are not trained. `true`: of all matrices, where
   * enough are zero to look pruned; names: every one of these matrices.
   */
  readonly keepZeros: boolean | readonly string[];
  /** Trainable matrices that take part under a mask, which `between` recomputes; they come out with its zeros. */
  readonly masked?: Masked;
  /** What is recomputed between steps, of vectors laid out so. */
  readonly between?: (layout: ParameterLayout) => Between;
  /** What the trained student fills: merges what is to be merged. */
  finish(trained: Model): Promise<Fillings>;
}
