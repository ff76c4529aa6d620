import type { EachMeasured, Report } from '../../../../core/report/types.ts';
import { ORIGINAL } from '../../../../../workers/protocol.ts';
import type { Side, Sides } from './sides.ts';

type Evaluation = NonNullable<Report['evaluation']>;

/** A document and how much worse the right side predicts it, in nats per token; undefined where unknown. */
export interface RankedDocument {
  readonly index: number;
  readonly harm?: number;
}

/** The loss of each document by the side, out of its own report, or for the original out of the other's. */
function lossesOf(
  side: Side,
  other: Side,
  fits: (evaluation: Evaluation) => boolean,
): readonly number[] | undefined {
  const each = (from: Side): EachMeasured | undefined => {
    const evaluation = from.trial?.report?.evaluation;
    const known = evaluation?.each;
    return evaluation && known?.metric === 'perplexity' && fits(evaluation) ? known : undefined;
  };
  return side.id === ORIGINAL ? each(other)?.original : each(side)?.compressed;
}

/** All documents, the one that the right side predicts worse most first; in their own order where nobody knows. */
export function documentOrder(
  count: number,
  { left, right }: Sides,
  fits: (evaluation: Evaluation) => boolean,
): RankedDocument[] {
  const all = Array.from({ length: count }, (_, index) => ({ index }));
  const before = lossesOf(left, right, fits);
  const after = lossesOf(right, left, fits);
  if (before === undefined || after === undefined) return all;
  return all
    .map(({ index }): RankedDocument => {
      const harm = (after.at(index) ?? NaN) - (before.at(index) ?? NaN);
      return Number.isFinite(harm) ? { index, harm } : { index };
    })
    .sort((a, b) => (b.harm ?? -Infinity) - (a.harm ?? -Infinity) || a.index - b.index);
}
