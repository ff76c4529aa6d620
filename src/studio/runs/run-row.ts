import { decidingMetric } from '../../core/metrics/verdict.ts';
import { clauseText, qualityClause } from '../../core/report/verdict-words.ts';
import { VERDICT_WORDS, verdictOf, type VerdictWord } from '../../core/report/verdict.ts';
import { BETTER, type Metric, type MetricName } from '../../core/metrics/types.ts';
import type { Report } from '../../core/report/types.ts';
import { recipeLine } from '../../core/recipe/describe.ts';
import type { Trial } from '../../../workers/protocol.ts';

/** A trial as the table sorts and filters it. */
export interface RunRow {
  readonly id: string;
  readonly trial: Trial;
  readonly name: string;
  readonly model: string;
  readonly recipe: string;
  readonly bytes?: number;
  readonly metric?: MetricName;
  readonly measured?: Metric;
  readonly quality?: number;
  readonly verdict?: VerdictWord;
  /** What the word rests on, in one clause. */
  readonly found?: string;
  readonly createdAt: number;
  readonly notes: string;
  readonly state: Trial['state'];
}

export function runRow(trial: Trial): RunRow {
  const { id, name, model, recipe, report, createdAt, notes = '', state } = trial;
  const metric = decidingMetric(report?.evaluation?.compressed ?? {});
  const measured = metric && report?.evaluation?.compressed[metric];
  return {
    ...{ id, trial, name, model: model.name, recipe: recipeLine(recipe), createdAt, notes, state },
    ...(report && { bytes: report.after.bytes, ...verdictWords(report) }),
    ...(metric && measured && { metric, measured, quality: measured.value }),
  };
}

function verdictWords(report: Report): { verdict: VerdictWord; found: string } {
  const verdict = verdictOf(report);
  return { verdict: verdict.word, found: clauseText(qualityClause(verdict)) };
}

/** Better first: where a verdict stands among the four words. */
export function verdictOrder(word: VerdictWord | undefined): number {
  return word === undefined ? VERDICT_WORDS.length : VERDICT_WORDS.indexOf(word);
}

/** Trials of one model, with what they have in common. */
export interface RunGroup {
  readonly sha256: string;
  readonly model: string;
  readonly rows: readonly RunRow[];
  /** What most of them were judged by. */
  readonly metric?: MetricName;
  readonly better?: 'lower' | 'higher';
  readonly original?: { readonly bytes: number; readonly measured?: Metric };
}

/** Rows by model, as they are sorted, pinned ones first. The model at hand leads, then those with the newest trials. */
export function runGroups(rows: readonly RunRow[], open?: string): RunGroup[] {
  const groups = [...groupBy(rows, ({ trial }) => trial.model.sha256)];
  const newest = ([, own]: readonly [string, RunRow[]]): number =>
    Math.max(...own.map(({ createdAt }) => createdAt));
  const isOpen = ([sha256]: readonly [string, RunRow[]]): number => Number(sha256 === open);
  return groups
    .sort((a, b) => isOpen(b) - isOpen(a) || newest(b) - newest(a))
    .map(([sha256, own]) => groupOf(sha256, pinnedFirst(own)));
}

function pinnedFirst(rows: readonly RunRow[]): RunRow[] {
  const pinned = ({ trial }: RunRow): number => Number(trial.pinned ?? false);
  return [...rows].sort((a, b) => pinned(b) - pinned(a));
}

function groupOf(sha256: string, rows: readonly RunRow[]): RunGroup {
  const metric = mostCommon(rows.flatMap((row) => row.metric ?? []));
  const better = metric && (BETTER as Partial<Record<MetricName, 'lower' | 'higher'>>)[metric];
  const report =
    rows.find((row) => row.metric === metric && row.trial.report)?.trial.report ??
    rows.find(({ trial }) => trial.report)?.trial.report;
  const measured = metric && report?.evaluation?.original[metric];
  return {
    ...{ sha256, model: rows[0].model, rows },
    ...(metric && { metric }),
    ...(better && { better }),
    ...(report && { original: { bytes: report.before.bytes, ...(measured && { measured }) } }),
  };
}

function mostCommon<Value>(values: readonly Value[]): Value | undefined {
  const [first] = [...groupBy(values, (value) => value)].sort(
    ([, a], [, b]) => b.length - a.length,
  );
  return first?.[0];
}

function groupBy<Item, Key>(items: readonly Item[], keyOf: (item: Item) => Key): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}
