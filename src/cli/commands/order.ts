import { parseRecipe } from '../../core/recipe/schema.ts';
import type { OrderLosses } from '../../core/report/order.ts';
import type { Metric } from '../../core/metrics/types.ts';
import { runOrder, type OrderResult } from '../../engine/order/run-order.ts';
import { commandArguments, requiredText, text, wholeNumber } from '../arguments.ts';
import { chosenData } from '../data.ts';
import { chosenDevice, DEVICE_OPTIONS, deviceFor, weightBytes } from '../device.ts';
import { withHost } from '../host.ts';
import { openArgument } from '../open-argument.ts';
import { PART_OPTION } from '../part.ts';
import { formatBytes, formatMetric, printJson, printLine, printTable } from '../print.ts';
import { progressLine } from '../progress-line.ts';
import { readRecipe } from './compress.ts';

const OPTIONS = {
  ...PART_OPTION,
  recipe: 'string',
  data: 'string',
  eval: 'string',
  seed: 'string',
  json: 'boolean',
  ...DEVICE_OPTIONS,
  task: 'string',
} as const;

/** `lathe order`: two steps one way round, the other way round, and each alone. */
export async function order(argv: readonly string[], signal: AbortSignal): Promise<void> {
  const args = commandArguments('order', argv, OPTIONS, ['recipe']);
  const device = chosenDevice(args);
  const seed = wholeNumber(args, 'seed');
  const base = await readRecipe(requiredText(args, 'recipe'));
  const recipe = seed === undefined ? base : parseRecipe({ ...base, seed });
  const open = await openArgument(args);
  const data = await chosenData(open, recipe, text(args, 'data'), text(args, 'eval'));
  const progress = progressLine();
  const result = await withHost(deviceFor(device, weightBytes(open.model)), (host) =>
    runOrder(host, { open, recipe, ...data }, { signal, progress }),
  );
  if (args.options['json'] === true) return printJson(jsonOf(result));
  printResult(result);
}

/** Without the reports, of which each is long: a recipe on its own gives its report. */
function jsonOf({ trials, ...found }: OrderResult) {
  const short = trials.map(({ report, run, recipe, refused }) => ({
    ...{ run, recipe },
    ...(refused !== undefined && { refused }),
    ...(report && { bytes: report.after.bytes, measured: report.evaluation?.compressed }),
  }));
  return { trials: short, ...found };
}

function printResult({ trials, losses, finding }: OrderResult): void {
  const names = losses.map(({ measure }) => (measure === 'kl' ? 'kl' : `${measure} lost`));
  const rows = trials.map(({ run, recipe, report, refused }) => [
    TITLES[run],
    recipe,
    ...(report
      ? [formatBytes(report.after.bytes), ...losses.map((each) => formatMetric(each.losses[run]))]
      : [refused ?? '']),
  ]);
  printTable(['run', 'steps', 'bytes', ...names], rows);
  for (const each of losses) printDifferences(each);
  if (finding === undefined) return printLine('verdict: not measured');
  printLine(`verdict: ${sentenceOf(finding)}`);
}

const TITLES = { a: 'A', b: 'B', ab: 'A → B', ba: 'B → A' } as const;

function printDifferences({ measure, paired, interaction, order: difference }: OrderLosses): void {
  const how = paired ? 'paired' : 'unpaired';
  const line = (what: string, metric: Metric | undefined) =>
    metric && printLine(`${measure}, ${what}: ${signed(metric)} (${how}, n ${metric.n})`);
  line('interaction of A → B (joint − sum)', interaction.ab);
  line('interaction of B → A (joint − sum)', interaction.ba);
  line('A → B less B → A', difference);
}

function signed(metric: Metric): string {
  return `${metric.value > 0 ? '+' : ''}${formatMetric(metric)}`;
}

/** "A first; together they lose more than the sum of both". */
export function sentenceOf({ first, together }: NonNullable<OrderResult['finding']>): string {
  const way = {
    a: 'A first',
    b: 'B first',
    either: 'either way round, the difference is within two standard errors',
    only: 'only one way round can be run',
  }[first ?? 'only'];
  const joint = {
    more: 'together they lose more than the sum of both alone',
    less: 'together they lose less than the sum of both alone',
    sum: 'together they lose the sum of both alone, within two standard errors',
  }[together];
  return `${way}; ${joint}`;
}
