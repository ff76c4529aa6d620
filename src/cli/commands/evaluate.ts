import type { Metrics } from '../../core/metrics/types.ts';
import { METRIC_NAMES } from '../../core/metrics/types.ts';
import type { Dataset } from '../../core/data/types.ts';
import { prepareEvaluation } from '../../engine/data/evaluation.ts';
import type { OpenModel } from '../../engine/model/open.ts';
import { evaluate as runEvaluation } from '../../runtime/evaluate/evaluate.ts';
import { PROTOCOLS, type Evaluation, type Protocol } from '../../runtime/evaluate/types.ts';
import type { Runtime, Session } from '../../runtime/types.ts';
import { choice, commandArguments, requiredText, text } from '../arguments.ts';
import { readData } from '../data.ts';
import { chosenDevice, DEVICE_OPTIONS, deviceFor } from '../device.ts';
import { lazyRuntime } from '../host.ts';
import { openArgument } from '../open-argument.ts';
import { formatMetric, printJson, printLine, printTable } from '../print.ts';
import { progressLine } from '../progress-line.ts';

const OPTIONS = {
  baseline: 'string',
  data: 'string',
  json: 'boolean',
  protocol: 'string',
  ...DEVICE_OPTIONS,
  task: 'string',
} as const;

/** `lathe evaluate`: a model alone, or against its original. */
export async function evaluate(argv: readonly string[], signal: AbortSignal): Promise<void> {
  const args = commandArguments('evaluate', argv, OPTIONS, ['data']);
  const device = chosenDevice(args);
  const baseline = text(args, 'baseline');
  const original = baseline === undefined ? undefined : await openArgument(args, baseline);
  const model = await openArgument(args);
  const runtime = await lazyRuntime(deviceFor(device, (original ?? model).model))();
  const data = await readData(original ?? model, requiredText(args, 'data'), 'evaluation');
  const measuring = choice(args, 'protocol', PROTOCOLS) ?? 'windows';
  const { found, protocol } = await measure(runtime, { model, original, data, measuring }, signal);
  const { original: before, compressed, difference, n, tokensPerSecond, exits } = found;
  if (args.options['json'] === true) {
    const measured = { original: before, model: compressed, difference, n, tokensPerSecond };
    printJson({ protocol, ...measured, ...(exits && { exits }) });
    return;
  }
  printLine(protocol);
  if (exits === undefined) printMetrics(before, compressed, difference);
  for (const exit of exits ?? []) {
    printLine();
    printLine(`exit ${exit.output}`);
    printMetrics(before, exit.compressed, exit.difference);
  }
}

interface Measuring {
  readonly model: OpenModel;
  readonly original: OpenModel | undefined;
  readonly data: Dataset;
  readonly measuring: Protocol;
}

async function measure(
  runtime: Runtime,
  { model, original, data, measuring }: Measuring,
  signal: AbortSignal,
): Promise<{ found: Evaluation; protocol: string }> {
  const sessions: Session[] = [];
  const open = async (opened: OpenModel): Promise<Session> => {
    const session = await runtime.open(opened.model);
    sessions.push(session);
    return session;
  };
  // A compressed file often travels alone: tokenizer and configuration then come with its original.
  const context = model.tokenizer === undefined && original !== undefined ? original : model;
  const prepared = await prepareEvaluation(context, data, measuring);
  const report = progressLine();
  try {
    const contenders = {
      ...(original && { original: { session: await open(original) } }),
      model: { session: await open(model) },
    };
    const found = await runEvaluation(contenders, prepared.data(), {
      signal,
      protocol: measuring,
      progress: (fraction) => report({ stage: 'Measuring', fraction }),
    });
    return { found, protocol: prepared.protocol };
  } finally {
    for (const session of sessions) await session.release();
  }
}

function printMetrics(original: Metrics, model: Metrics, difference: Metrics): void {
  printTable(
    ['measure', 'original', 'model', 'difference', 'n'],
    METRIC_NAMES.filter((name) => model[name] !== undefined).map((name) => [
      name,
      formatMetric(original[name]),
      formatMetric(model[name]),
      formatMetric(difference[name]),
      String(model[name]?.n ?? ''),
    ]),
  );
}
