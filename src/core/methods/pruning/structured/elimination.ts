import type { InverseFactor } from './gram.ts';
import type { Units } from './units.ts';

/** The weight as elimination changes it, and what is known of H⁻¹. */
export interface Elimination {
  /** Wᵀ [in, out], float64: a column of W is one run of memory. */
  readonly columns: Float64Array;
  readonly outFeatures: number;
  readonly units: Units;
  readonly factor: InverseFactor;
  /** p_t = h_j/√h_jj of the t-th column that went, h its column of H⁻¹ then: H⁻¹ now = MᵀM − Σ_t p_t·p_tᵀ. */
  readonly pivots: Float64Array[];
  /** The blocks of H⁻¹ now that belong to each unit [count, size, size]. */
  readonly blocks: Float64Array;
  /** 1 for units that are still there. */
  readonly alive: Uint8Array;
}
