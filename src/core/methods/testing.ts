/** Helpers of the method tests: seeded data and statistics as calibration would collect them. */
import { createAccumulator } from '../statistics/accumulator.ts';
import type { LayerStatistics } from '../statistics/types.ts';
import type { MethodContext } from './contract.ts';
import { seeded } from './export/testing/models.ts';

export const context: MethodContext = { random: { next: seeded(1) } };

/** Inputs with correlated columns, as activations have: a low-rank mix, noise, one loud channel. */
export function activations(rows: number, columns: number, seed: number): Float32Array {
  const next = seeded(seed);
  const rank = 8;
  const mix = Float32Array.from({ length: rank * columns }, next);
  const out = new Float32Array(rows * columns);
  for (let r = 0; r < rows; r++) {
    const factors = Float32Array.from({ length: rank }, next);
    for (let c = 0; c < columns; c++) {
      let value = 0.3 * next();
      for (let k = 0; k < rank; k++) value += factors[k] * mix[k * columns + c];
      out[r * columns + c] = c === 3 ? 12 * value : value;
    }
  }
  return out;
}

export function statisticsOf(x: Float32Array, columns: number): LayerStatistics {
  const accumulator = createAccumulator(columns, { secondMoments: true });
  accumulator.add(x, x.length / columns);
  return accumulator.finish();
}
