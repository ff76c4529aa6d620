import { formatDifference, formatMetric } from '../../core/metrics/metric-text.ts';
import type { Report } from '../../core/report/types.ts';
import { METRIC_WORDS, ratioWords, sizeWords } from '../../core/report/verdict-words.ts';
import { verdictOf, type Verdict } from '../../core/report/verdict.ts';
import { formatBytes } from '../format/format.ts';

/** A trial as one row of a Markdown table, with the heading it belongs under. */
export function markdownRow(name: string, report: Report): string {
  const verdict = verdictOf(report);
  const { before, after } = report;
  const cells: readonly (readonly [string, string])[] = [
    ['model', name],
    ['size', `${formatBytes(before.bytes)} → ${formatBytes(after.bytes)}`],
    ['ratio', sizeWords(verdict.size)],
    ...qualityCells(verdict),
    ...(verdict.speed ? [['speed', ratioWords(verdict.speed)] as const] : []),
    ['sha256', report.outputSha256.slice(0, 12)],
  ];
  const row = (texts: readonly string[]) => `| ${texts.map(escaped).join(' | ')} |`;
  return [
    row(cells.map(([heading]) => heading)),
    `|${cells.map(() => '---|').join('')}`,
    row(cells.map(([, text]) => text)),
  ].join('\n');
}

function qualityCells({ metric, compressed, difference, fidelity }: Verdict) {
  if (metric === undefined || compressed === undefined)
    return [['quality', 'not measured']] as const;
  const own = formatMetric(metric, compressed);
  const cells = [[METRIC_WORDS[metric], `${own.value} ${own.error}`]] as const;
  if (fidelity || difference === undefined) return [...cells, ['n', String(compressed.n)]] as const;
  const apart = formatDifference(metric, difference);
  return [
    ...cells,
    ['difference', `${apart.value} ${apart.error}`],
    ['n', String(compressed.n)],
  ] as const;
}

/** A bar would end the cell. */
function escaped(text: string): string {
  return text.replaceAll('|', '\\|');
}
