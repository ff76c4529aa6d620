import type { Coverage } from './types.ts';

/** Bytes of everything that was left alone; undefined where the report does not know each (older ones). */
export function leftBytes({ skipped }: Pick<Coverage, 'skipped'>): number | undefined {
  const known = skipped.flatMap(({ bytes }) => (bytes === undefined ? [] : [bytes]));
  return known.length === 0 ? undefined : known.reduce((sum, bytes) => sum + bytes, 0);
}

/**
 * Share of the original's weight bytes that a recipe changed. What was merged first and compressed then is counted
 * twice in a report, so that what was left alone is the bound: the two never add up to more than all.
 */
export function changedShare(coverage: Coverage): number {
  const { compressedBytes, totalBytes } = coverage;
  const most = totalBytes - (leftBytes(coverage) ?? 0);
  return totalBytes > 0 ? Math.max(0, Math.min(compressedBytes, most)) / totalBytes : 0;
}
