import { METRIC_NAMES } from '../core/metrics/types.ts';
import { layerVerdicts } from '../core/metrics/verdict.ts';
import { methodById } from '../core/methods/registry.ts';
import { changedShare } from '../core/report/coverage.ts';
import { kernelsLine } from '../core/report/kernels-line.ts';
import { slowerThanOriginal } from '../core/report/latency.ts';
import { verdictSentence } from '../core/report/verdict-words.ts';
import { verdictOf } from '../core/report/verdict.ts';
import { FILE_ONLY, type LatencyPair, type Report } from '../core/report/types.ts';
import { formatBytes, formatMetric, printLine, printTable } from './print.ts';

/** Of a table that is printed. */
const MOST_ROWS = 12;

/** A report for people: what came out, what it cost, what was left alone. */
export function printReport(out: string, report: Report): void {
  const { before, after } = report;
  printLine(out);
  printVerdict(report);
  printLine(
    `${formatBytes(before.bytes)} → ${formatBytes(after.bytes)} (${(before.bytes / after.bytes).toFixed(2)}×, ${after.bitsPerWeight.toFixed(2)} bits per weight)`,
  );
  printLine(
    `bytes ${after.bytes}, forecast ${report.forecastBytes}${report.verified ? ', verified' : ', NOT verified'}`,
  );
  printZipped(report);
  printCache(report);
  printLine(`sha256 ${report.outputSha256}`);
  printEvaluation(report);
  printNotMeasured(report);
  printBaseline(report);
  printTraining(report);
  printDecisions(report);
  printSkipped(report);
  for (const warning of report.warnings ?? []) printLine(`Note: ${warning}`);
}

/** Zeros are no bytes less in the file, and many less on the way to it. */
function printZipped({ before, zippedBytes }: Report): void {
  if (zippedBytes === undefined) return;
  const ratio = (before.bytes / zippedBytes).toFixed(2);
  printLine(`zipped for download ${formatBytes(zippedBytes)} (${ratio}×)`);
}

/** What a text takes while it grows is no part of the file. */
function printCache({ cache }: Report): void {
  if (cache === undefined) return;
  const { before, after } = cache;
  printLine(
    `cache ${before} → ${after} bytes per token (${(before / after).toFixed(2)}×); the file does not hold it`,
  );
}

/** What it costs and whether it is worth it, before any number is explained. */
function printVerdict(report: Report): void {
  const verdict = verdictOf(report);
  printLine(verdictSentence(verdict));
  if (verdict.stopped === undefined) return;
  printLine(`measured on ${verdict.stopped.done} of ${verdict.stopped.of}, then stopped`);
}

/** What decisions rest on; tables of layers are in the report alone. */
function printDecisions({ decisions = [] }: Report): void {
  for (const { step, sentences, tables } of decisions) {
    printLine();
    for (const sentence of sentences) printLine(`Decided in step ${step + 1}: ${sentence}`);
    for (const { title, columns, rows } of tables) {
      if (rows.length > MOST_ROWS) continue;
      printLine(title);
      printTable(
        columns,
        rows.map((row) => row.map(String)),
      );
    }
  }
}

function printEvaluation({ evaluation, scores, latency, kernels }: Report): void {
  if (evaluation === undefined) return;
  printLine();
  printLine(
    `${scores === 'quality' ? 'Quality' : 'Fidelity'} on ${evaluation.data}: ${evaluation.protocol}`,
  );
  printMetrics(evaluation);
  printLatency(latency);
  printKernels(kernels);
}

/** What was measured of the original, of what was made of it, and how far they lie apart. */
export function printMetrics({
  original,
  compressed,
  difference,
}: Pick<NonNullable<Report['evaluation']>, 'original' | 'compressed' | 'difference'>): void {
  const names = METRIC_NAMES.filter((name) => compressed[name] !== undefined);
  printTable(
    ['measure', 'original', 'compressed', 'difference', 'n'],
    names.map((name) => [
      name,
      formatMetric(original[name]),
      formatMetric(compressed[name]),
      formatMetric(difference[name]),
      String(compressed[name]?.n ?? ''),
    ]),
  );
}

function printLatency(latency: Report['latency']): void {
  for (const [device, times] of Object.entries(latency)) {
    printLine(`latency ${device}: ${timesText(times)} (median of ${times.compressed.n})`);
    for (const at of [times.short, times.long]) {
      if (at !== undefined) printLine(`  at ${at.tokens} tokens: ${timesText(at)}`);
    }
  }
  for (const slower of slowerThanOriginal(latency)) printLine(`smaller, but ${slower}`);
}

function printKernels(kernels: Report['kernels'] = {}): void {
  for (const [device, ran] of Object.entries(kernels)) {
    const line = kernelsLine(ran);
    if (line !== undefined) printLine(`kernels ${device}: ${line}`);
  }
}

function timesText({ original, compressed }: LatencyPair): string {
  return `${original.median.toFixed(1)} → ${compressed.median.toFixed(1)} ms`;
}

function printNotMeasured({ notMeasured, evaluation, scores }: Report): void {
  if (notMeasured === undefined) return;
  const what = evaluation === undefined ? 'Not measured' : 'Latency not measured';
  const madeUp = scores === 'fidelity' && notMeasured !== FILE_ONLY ? ' on made-up inputs' : '';
  printLine(`${what}${madeUp}: ${notMeasured}`);
}

function printBaseline({ layers }: Report): void {
  for (const { method, word, won, total } of layerVerdicts(layers)) {
    const baseline = methodById(method).meta.baseline ?? 'its baseline';
    const link = word === 'equal' ? 'to' : 'than';
    printLine(
      `${method}: ${word} ${link} ${baseline}, with less error on ${won} of ${total} layers`,
    );
  }
}

function printTraining({ training = [] }: Report): void {
  for (const { method, trainedParameters, parameters, steps, bestStep, ...held } of training) {
    const share = ((100 * trainedParameters) / parameters).toFixed(2);
    printLine(
      `${method}: trained ${trainedParameters} of ${parameters} numbers (${share} %) for ${steps} steps, kept step ${bestStep}; held-out loss ${formatMetric(held.before)} → ${formatMetric(held.after)}`,
    );
    if (held.generated === undefined) continue;
    const { texts, tokens } = held.generated;
    printLine(`  learned from ${texts} texts (${tokens} tokens) that the original wrote`);
  }
}

function printSkipped({ cache, coverage }: Report): void {
  // What changes the cache alone changed something, and no weight.
  if (cache === undefined || changedShare(coverage) > 0) {
    printLine(`changed ${(100 * changedShare(coverage)).toFixed(1)} % of the weight bytes`);
  }
  const byReason = new Map<string, string[]>();
  for (const { name, reason } of coverage.skipped) {
    byReason.set(reason, [...(byReason.get(reason) ?? []), name]);
  }
  for (const [reason, names] of byReason) printLine(`  left alone: ${leftLine(names, reason)}`);
}

const SHOWN = 6;

/** A reason that names what it is about stands for itself; one that many share comes behind their names. */
function leftLine(names: readonly string[], reason: string): string {
  if (reason.includes(names[0])) return reason;
  const rest = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : '';
  return `${names.slice(0, SHOWN).join(', ')}${rest}: ${reason}`;
}
