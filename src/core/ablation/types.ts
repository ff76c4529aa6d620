import type { Span } from '../encodings/types.ts';
import type { ValueData } from '../tensor/values.ts';

/**
 * A value of the graph that is switched off while all weights stay: what a cut would cost, before it is made.
 * - with `columns`: these entries of the last axis are zero (the inputs of an output projection that one head writes,
 *   the neurons in front of the down projection);
 * - with `instead`: another value of the graph stands in its place (a block's output is its input; a sub-layer's
 *   residual sum is the stream before it), itself gated where another gate shuts it;
 * - with neither: zero everywhere.
 */
export interface Gate {
  readonly value: string;
  readonly columns?: readonly Span[];
  readonly instead?: string;
}

/** A weight that holds other values: what encoding it would cost, before a file is made. */
export interface Replacement {
  /** The initializer; whatever reads it reads the other values. */
  readonly weight: string;
  /** Names the values among all that this weight may be given. */
  readonly by: string;
  /** In the initializer's own type and order. May be asked for several times. */
  values(): Promise<ValueData>;
}

/** Gates that are shut, and weights that are replaced, together. */
export interface Ablation {
  readonly gates: readonly Gate[];
  readonly replaced?: readonly Replacement[];
}

/**
 * What an ablation costs on the calibration data: mean KL(ground ‖ ablated) in nats per token (or per example) of the
 * model's own answer; models without logits: the relative squared distance of the outputs.
 */
export interface AblationLoss {
  readonly measure: 'kl' | 'relative distance';
  readonly value: number;
  readonly standardError: number;
  /** Windows or examples it is the mean of. */
  readonly n: number;
}
