import type { Emitter } from '../../autodiff/emitter.ts';

/** A loss as it was written into the graph. */
export interface WrittenLoss {
  /** The scalar L, not yet weighted. */
  readonly value: string;
  /**
   * ∂L/∂(values of the forward graph) as float32 where they are known in closed form; without it the
   * loss is differentiated like the rest of the graph.
   */
  readonly seeds?: ReadonlyMap<string, string>;
}

/** Writes one loss. */
export type Loss = (emit: Emitter) => WrittenLoss;

export interface WeightedLoss {
  /** For curves and reports: "labels", "logits", "hidden 3". */
  readonly name: string;
  readonly weight: number;
  readonly loss: Loss;
}

/** Rows of predictions [N, classes] and which of them count. */
export interface Rows {
  readonly logits: string;
  /** [N, 1], 1 where the row counts. */
  readonly valid: string;
  /** Scalar: how many count, at least 1. */
  readonly count: string;
}
