/** What a training run carries from step to step. */
export interface TrainingVectors {
  readonly theta: Float32Array;
  readonly m: Float32Array;
  readonly v: Float32Array;
  /** Further vectors by the name of their graph input: masks, scores. */
  readonly further: Readonly<Record<string, Float32Array>>;
}

/**
 * What happens between steps: something is recomputed from what the run carries (masks from magnitudes or accumulated
 * scores). A revision is a function of the vectors and the number of finished steps alone, so a run that is taken up
 * again revises as it would have, and checkpoints need to know nothing of it.
 */
export interface Between {
  /** Whether there is a revision when so many steps are finished, before the next one; 0: before the first. */
  isDue(step: number): boolean;
  /** The vectors that change. */
  revise(vectors: TrainingVectors, step: number): Partial<TrainingVectors>;
  /**
   * What the run makes is what was asked for from the first step after so many finished ones: earlier weights do not
   * count as the best, however good they are. −1: the beginning counts, too.
   */
  readonly settled: number;
}
