import type { Encoded } from '../../encodings/index.ts';
import type { Bits } from '../../kernels/uniform.ts';
import { nothingSeen } from '../../statistics/seen.ts';
import type { LayerOutcome, LayerWeight, MethodContext } from '../contract.ts';
import { options } from './round-to-nearest/meta.ts';
import { roundToNearest } from './round-to-nearest/round-to-nearest.ts';

/** What of a calibrated method's options its tables are rounded with. */
interface TableOptions {
  readonly bits: Bits;
  readonly symmetric: boolean;
  readonly clip?: string;
}

/**
 * A look-up's table on the planned grid. WHY to the nearest: its rows are picked (x is one-hot, XᵀX the counts of tokens, a
 * diagonal), so no weight can make up for another, and the outputs' error is the weights'. Ranges chosen by the error on
 * outputs are those of least weight error. Throws `weight-not-finite`.
 */
export function roundedTable(
  weight: LayerWeight,
  planned: Encoded,
  { bits, symmetric, clip = 'none' }: TableOptions,
  context: MethodContext,
): Promise<LayerOutcome> {
  const own = options.parse({ bits, symmetric, clip: clip === 'none' ? 'none' : 'mse' });
  return roundToNearest.encoder.encode(weight, planned, nothingSeen, own, context);
}
