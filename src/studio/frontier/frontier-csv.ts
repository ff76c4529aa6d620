import { ORIGINAL } from '../../../workers/protocol.ts';
import { toCsv } from '../format/csv.ts';
import type { FrontierData } from './data.ts';

/** Every finished point with full precision. */
export function frontierCsv({ points, of }: FrontierData): string {
  const header = [
    ...['trial', 'bytes', of.quality.name, 'standardError', 'n'],
    ...['difference', 'differenceStandardError', 'milliseconds', 'originalMilliseconds'],
    ...['onFrontier', 'measuredBy'],
  ];
  const rows = points
    .filter(({ kind }) => kind !== 'interim')
    .map(({ kind, label, bytes, value, standardError, n, difference, time, ...point }) => [
      ...[kind === 'original' ? ORIGINAL : label, bytes, value, standardError, n],
      ...[difference?.value ?? '', difference?.standardError ?? ''],
      ...[time?.milliseconds ?? '', time?.original ?? ''],
      String(point.onFrontier),
      kind === 'original' ? '' : point.shipped ? 'project' : 'here',
    ]);
  return toCsv(header, rows);
}
