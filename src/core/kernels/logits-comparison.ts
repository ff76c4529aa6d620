/** One number per row; P is the original's distribution, Q the compressed model's. */
export interface LogitsComparison {
  /** −log P(target). */
  readonly nllP: Float64Array;
  /** −log Q(target). */
  readonly nllQ: Float64Array;
  /** KL(P‖Q) = Σ P·(log P − log Q), nats. */
  readonly kl: Float64Array;
  /** 1 when both have the same most likely entry (the first of equals), else 0. */
  readonly sameTop: Float64Array;
  /** Q(target) − P(target). */
  readonly deltaP: Float64Array;
}
