import { METRIC_NAMES } from '../../core/metrics/types.ts';
import { verdictOf } from '../../core/report/verdict.ts';
import type { Trial } from '../../../workers/protocol.ts';
import { toCsv } from '../format/csv.ts';

const COLUMNS = [
  ...['name', 'model', 'state', 'created', 'bytesBefore', 'bytesAfter', 'bitsPerWeight', 'verdict'],
  ...METRIC_NAMES.flatMap((name) => [name, `${name}StandardError`]),
  ...['sha256', 'recipe', 'notes'],
];

/** One line per trial, every metric with its error: enough to plot elsewhere. */
export function runsCsv(trials: readonly Trial[]): string {
  const rows = trials.map(({ name, model, state, createdAt, report, recipe, notes }) => [
    ...[name, model.name, state, new Date(createdAt).toISOString()],
    ...[report?.before.bytes, report?.after.bytes, report?.after.bitsPerWeight],
    report && verdictOf(report).word,
    ...METRIC_NAMES.flatMap((metric) => {
      const found = report?.evaluation?.compressed[metric];
      return [found?.value, found?.standardError];
    }),
    ...[report?.outputSha256, JSON.stringify(recipe), notes],
  ]);
  return toCsv(COLUMNS, rows);
}
