import { precisePart } from '../../core/companions/choose-parts.ts';
import { noiseReason } from '../../core/metrics/noise.ts';
import type { Metrics } from '../../core/metrics/types.ts';
import { METRIC_NAMES } from '../../core/metrics/types.ts';
import type { Dataset } from '../../core/data/types.ts';
import { prepareEvaluation, protocolSentence } from '../../engine/data/evaluation.ts';
import { planRecipe } from '../../core/recipe/plan.ts';
import { inOneVocabulary } from '../../engine/vocabulary/one-vocabulary.ts';
import { spokenBehind, type Spoken } from '../../engine/vocabulary/spoken.ts';
import { openedPart } from '../../engine/encoder-decoder/whole.ts';
import { openedSiblings, siblingOpeners } from '../../engine/measure/open-sessions.ts';
import { openModel, type OpenModel } from '../../engine/model/open.ts';
import { withPart } from '../../engine/model/part-words.ts';
import { evaluate as runEvaluation } from '../../runtime/evaluate/evaluate.ts';
import { PROTOCOLS, type Evaluation, type Protocol } from '../../runtime/evaluate/types.ts';
import type { Runtime, Session } from '../../runtime/types.ts';
import {
  choice,
  commandArguments,
  requiredText,
  text,
  type CommandArguments,
} from '../arguments.ts';
import { readData } from '../data.ts';
import { chosenDevice, DEVICE_OPTIONS, deviceFor, weightBytes } from '../device.ts';
import { lazyRuntime } from '../host.ts';
import { PART_OPTION } from '../part.ts';
import { openArgument } from '../open-argument.ts';
import { formatMetric, printJson, printLine, printTable } from '../print.ts';
import { progressLine } from '../progress-line.ts';

const OPTIONS = {
  ...PART_OPTION,
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
  const model = await openArgument(args);
  const original = await baselineOf(args, model);
  const bytes = weightBytes((original ?? model).model);
  const runtime = await lazyRuntime(deviceFor(device, bytes))();
  const data = await readData(original ?? model, requiredText(args, 'data'), 'evaluation');
  const measuring = choice(args, 'protocol', PROTOCOLS) ?? 'windows';
  const { found, protocol } = await measure(runtime, { model, original, data, measuring }, signal);
  const { original: before, compressed, difference, n, tokensPerSecond, exits } = found;
  const noise = original && noiseReason(before, compressed, chanceOf(original));
  if (args.options['json'] === true) {
    const measured = { original: before, model: compressed, difference, n, tokensPerSecond };
    const against = original && { baseline: original.part.path };
    printJson({
      protocol,
      ...against,
      ...measured,
      ...(exits && { exits }),
      ...(noise && { noise }),
    });
    return;
  }
  printLine(protocol);
  if (original !== undefined) printLine(`baseline ${original.part.path}`);
  if (exits === undefined) printMetrics(before, compressed, difference);
  for (const exit of exits ?? []) {
    printLine();
    printLine(`exit ${exit.output}`);
    printMetrics(before, exit.compressed, exit.difference);
  }
  if (noise !== undefined) printLine(`verdict: "${model.part.path}" answers noise: ${noise}`);
}

/** What `--baseline` names; else, of a part in a narrower dtype, its most precise file in the same folder. */
async function baselineOf(
  args: CommandArguments,
  model: OpenModel,
): Promise<OpenModel | undefined> {
  const reference = text(args, 'baseline');
  if (reference === 'none') return undefined;
  if (reference !== undefined) return openArgument(args, reference);
  const precise = precisePart(model.parts, model.part);
  return precise && openModel(withPart(model.folder, precise));
}

function chanceOf({ task, anatomy, labels }: OpenModel) {
  return {
    ...(task === 'language-model' && { vocabulary: anatomy.vocabularySize }),
    ...(labels && { classes: labels.length }),
  };
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
  const keep = async (opening: Promise<Session>): Promise<Session> => {
    const session = await opening;
    sessions.push(session);
    return session;
  };
  const open = (of: OpenModel): Promise<Session> => keep(runtime.open(of.model));
  const spoken = await spokenBy(model, original);
  const context = spoken ? original : contextOf(model, original);
  const device = () => Promise.resolve(runtime);
  const prepared = await prepareEvaluation(
    context ?? model,
    data,
    measuring,
    undefined,
    device,
    spoken,
  );
  const report = progressLine();
  try {
    const openers = siblingOpeners(runtime, prepared);
    const others: Session[] = [];
    for (const opener of openers) others.push(await keep(opener()));
    const siblings = openedSiblings(others, prepared);
    const made = prepared.primer && (await prepared.primer.model());
    const primer = made && { primer: await keep(runtime.open(made)) };
    const contenders = {
      ...(original && { original: { session: await open(original), ...primer } }),
      model: { session: await open(model), ...primer },
      ...(siblings && { siblings }),
    };
    const evaluated = prepared.data();
    const viewed = inOneVocabulary(contenders, evaluated.task, prepared.kept);
    const found = await runEvaluation(viewed, evaluated, {
      signal,
      protocol: prepared.measuring,
      progress: (fraction) => report({ stage: 'Measuring', fraction }),
    });
    return { found, protocol: protocolSentence(prepared, found) };
  } finally {
    for (const session of sessions) await session.release();
  }
}

/** How the model reads text, where the recipe in its file says that it keeps only some of the original's tokens. */
async function spokenBy(
  { embedded }: OpenModel,
  original: OpenModel | undefined,
): Promise<Spoken | undefined> {
  const recipe = embedded?.report?.recipe;
  if (original === undefined || recipe === undefined) return undefined;
  const { steps } = await planRecipe(original.model, original.anatomy, recipe);
  const spoken = await spokenBehind(original, steps);
  return spoken.kept && spoken;
}

/**
 * A compressed file often travels alone: tokenizer and configuration then come with its original. So does the other
 * part of an encoder-decoder, which is always the original's.
 */
function contextOf(model: OpenModel, original: OpenModel | undefined): OpenModel {
  const alone = model.tokenizer === undefined || openedPart(original ?? model) !== undefined;
  return alone && original !== undefined ? original : model;
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
