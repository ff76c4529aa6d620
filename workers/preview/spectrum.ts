import { svd } from '../../src/core/linalg/svd.ts';
import type { Outcome } from './outcome.ts';
import type { Spectrum } from './picture.ts';
import type { Subject } from './pictures.ts';

/** The singular values of a weight, and of what was made of it: where a low-rank form cuts, they end. */
export function spectrumOf(
  { frame, weight }: Subject,
  outcome: Outcome | undefined,
): Omit<Spectrum, 'layer'> {
  const { rows, columns } = frame;
  const before = svd(weight.values, rows, columns).s;
  if (outcome === undefined) return { rows, columns, before };
  const every = Array.from({ length: rows }, (_, row) => row);
  const after = svd(outcome.rows(every).values, rows, columns).s;
  return { rows, columns, before, after };
}
