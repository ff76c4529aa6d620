import type { Spectrum } from '../../../../../workers/protocol.ts';

/** Below this share of the largest a singular value is rounding. */
const ROUNDING = 1e-6;

/** What a spectrum comes to. */
export interface SpectrumFacts {
  /** Ranks that hold 90 and 99 % of Σσ². */
  readonly ninety: number;
  readonly ninetyNine: number;
  /** The largest r with r·(rows + columns) < rows·columns: up to it two thin factors are smaller. */
  readonly breakEven: number;
  /** Singular values of the changed weight that are more than rounding; absent where none is gone. */
  readonly rankAfter?: number;
}

export function spectrumFacts({ rows, columns, before, after }: Spectrum): SpectrumFacts {
  const rankAfter = after?.findLastIndex((value) => value > ROUNDING * after[0]);
  const cut = rankAfter !== undefined && rankAfter + 1 < before.length;
  return {
    ninety: rankHolding(before, 0.9),
    ninetyNine: rankHolding(before, 0.99),
    breakEven: Math.ceil((rows * columns) / (rows + columns)) - 1,
    ...(cut && { rankAfter: rankAfter + 1 }),
  };
}

function rankHolding(values: Float64Array, share: number): number {
  const squares = Array.from(values, (value) => value * value);
  const wanted = share * squares.reduce((sum, square) => sum + square, 0);
  let sum = 0;
  const at = squares.findIndex((square) => (sum += square) >= wanted);
  return at < 0 ? values.length : at + 1;
}
