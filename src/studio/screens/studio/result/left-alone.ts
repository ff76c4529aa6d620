import type { Coverage } from '../../../../core/report/types.ts';
import { withoutName } from '../../../format/without-name.ts';

/** Weights that were left alone for the same reason. */
export interface LeftAlone {
  readonly reason: string;
  readonly names: readonly string[];
}

/** One line per reason, those of most weights first. */
export function leftAlone(skipped: Coverage['skipped']): LeftAlone[] {
  const byReason = new Map<string, string[]>();
  for (const { name, reason } of skipped) {
    const words = withoutName(reason, name);
    byReason.set(words, [...(byReason.get(words) ?? []), name]);
  }
  return [...byReason]
    .map(([reason, names]) => ({ reason, names }))
    .sort((a, b) => b.names.length - a.names.length);
}
