/**
 * Empirical Fisher information of a layer's weight W [outFeatures, inFeatures], summed over its rows and its columns. The
 * loss is that of the data's labels, mean over the scores of one window or example; sums run over the windows w.
 */
export interface WeightGradientSums {
  readonly outFeatures: number;
  readonly inFeatures: number;
  /** Windows or examples. */
  readonly count: number;
  /** Σ_w Σ_j (∂L_w/∂W_ij)², [outFeatures]: the row importance of FWSVD (Hsu et al. 2022). */
  readonly rows: Float64Array;
  /** Σ_w Σ_i (∂L_w/∂W_ij)², [inFeatures]. */
  readonly columns: Float64Array;
}
