import type { Metric } from '../../../../core/metrics/types.ts';
import { formatMetric, grouped } from '../../../format/format.ts';
import { tryIt } from '../../../strings/en-try.ts';

/** Models that choose alike in fewer places differ by themselves, whatever the text. */
const ALIKE = 0.8;

/**
 * What texts that part say about the model: as much as the evaluation's share of places with the same top token
 * allows, and nothing where that was not measured.
 */
export function honestWords(name: string, same: Metric | undefined, parted: boolean): string {
  const { note, unmeasured, honest, damaged } = tryIt.writing;
  if (same === undefined) return parted ? unmeasured : '';
  const { value, error } = formatMetric('sameTop1', same);
  if (parted && same.value < ALIKE) return damaged(name, value, error, grouped(same.n));
  const counted = honest(value, error, grouped(same.n));
  return parted ? `${note} ${counted}` : counted;
}
