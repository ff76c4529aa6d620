import type { Verdict } from '../core/metrics/verdict.ts';
import { METRIC_NAMES } from '../core/metrics/types.ts';
import { methodById } from '../core/methods/registry.ts';
import { baselineRecipe, comparedStep } from '../core/recipe/baseline.ts';
import type { Report } from '../core/report/types.ts';
import type { Host } from '../engine/host.ts';
import type { TrialInput } from '../engine/job.ts';
import { againstBaseline } from '../engine/measure/against-baseline.ts';
import { runTrial } from '../engine/run-trial.ts';
import type { Trial } from '../engine/trials/types.ts';
import { formatBytes, formatMetric, printLine, printTable } from './print.ts';
import { progressLine } from './progress-line.ts';

/** Runs the baseline of a trial's last step that has one, and prints both with the verdict. */
export async function printBaselineTrial(
  host: Host,
  input: TrialInput,
  own: Trial,
  signal: AbortSignal,
): Promise<void> {
  const index = comparedStep(input.recipe);
  const recipe = index === undefined ? undefined : baselineRecipe(input.recipe, index);
  printLine();
  if (index === undefined || recipe === undefined) {
    printLine('No step of the recipe has a baseline; there is nothing to run beside it.');
    return;
  }
  const [method, other] = [input.recipe, recipe].map(({ steps }) => steps[index].method);
  const progress = progressLine();
  const baseline = await runTrial(host, { ...input, recipe }, { signal, progress });
  const found = await againstBaseline(
    host,
    input,
    { own, baseline },
    {
      signal,
      progress: (fraction) => progress({ stage: 'Comparing with the baseline', fraction }),
    },
  );
  printSides([method, own.report], [other, baseline.report]);
  printLine(verdictLine(found, methodById(other).meta.title));
}

function printSides(...sides: (readonly [string, Report | undefined])[]): void {
  const names = METRIC_NAMES.filter((name) =>
    sides.every(([, report]) => report?.evaluation?.compressed[name] !== undefined),
  );
  const rows = sides.map(([method, report]) => [
    method,
    report === undefined ? '–' : formatBytes(report.after.bytes),
    ...names.map((name) => formatMetric(report?.evaluation?.compressed[name])),
  ]);
  printTable(['baseline beside it', 'bytes', ...names], rows);
}

/** "better than round to nearest: perplexity −0.2 ± 0.05 (n 3980), 100.0 % of its bytes". */
export function verdictLine(
  { word, metric, difference, size, reason }: Verdict,
  baseline: string,
): string {
  const title = baseline.toLowerCase();
  const bytes = `${(100 * size).toFixed(1)} % of its bytes`;
  const number =
    metric && difference && `${metric} ${formatMetric(difference)} (n ${difference.n})`;
  const what = [reason, number, bytes].filter((part) => part !== undefined).join(', ');
  const link = { better: 'than', worse: 'than', equal: 'to', 'not measured': 'against' }[word];
  return `verdict: ${word} ${link} ${title}: ${what}`;
}
