import { formatDifference, formatMetric } from '../../core/metrics/metric-text.ts';
import { METRIC_NAMES, type MetricName } from '../../core/metrics/types.ts';
import { layerVerdicts } from '../../core/metrics/verdict.ts';
import { metaById } from '../../core/methods/catalog.ts';
import { METRIC_WORDS, verdictSentence } from '../../core/report/verdict-words.ts';
import { verdictOf } from '../../core/report/verdict.ts';
import type { Report } from '../../core/report/types.ts';
import { pythonSnippet } from '../../core/snippets/python.ts';
import { transformersJsSnippet, type Unzipped } from '../../core/snippets/transformers-js.ts';
import type { Trial } from '../trials/types.ts';

/** What a reader needs to load the folder. */
export interface Loading extends Pick<Unzipped, 'task' | 'hasTokenizer'> {
  /** transformers.js reads `config.json` first of all. */
  readonly hasConfig: boolean;
}

/**
 * The `README.md` beside an exported model: what it costs and whether it is worth it, what was made of what, how it was
 * measured, how to load it, by which recipe it was made, and what came along as it was.
 */
export function modelCard(
  trial: Trial,
  file: string,
  kept: readonly { path: string }[] = [],
  loading?: Loading,
): string {
  const { name, model } = trial;
  const beside = kept.map(({ path }) => `\`${path}\``).join(', ');
  return [
    `# ${model.name}, compressed: ${name}`,
    '',
    ...partLines(trial, file),
    ...(kept.length > 0 ? ['', `Beside it as it was: ${beside}.`] : []),
    ...(loading ? loadLines(model.name, file, loading) : []),
    ...recipeLines(trial),
  ].join('\n');
}

/** What was made of one file, the verdict first. */
export function partLines({ model, report }: Trial, file: string): string[] {
  const made = `\`${file}\` was made with Lathe from the model with sha256 \`${model.sha256}\`.`;
  if (report === undefined) return [made];
  const { before, after, evaluation, outputSha256 } = report;
  return [
    `**${capital(verdictSentence(verdictOf(report), ON_MAKER))}.**`,
    '',
    `${made} Its own is \`${outputSha256}\`.`,
    '',
    `${before.bytes} → ${after.bytes} bytes, ${after.bitsPerWeight.toFixed(2)} bits per weight.`,
    ...(evaluation ? ['', ...metricTable(evaluation, report.scores)] : []),
    ...(evaluation && report.notMeasured ? ['', `Speed not measured: ${report.notMeasured}`] : []),
    ...baselineLines(report),
  ];
}

/** A file travels: "here" is somewhere else by then. */
const ON_MAKER = 'where it was made';

function capital(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}

export function recipeLines({ recipe }: Pick<Trial, 'recipe'>): string[] {
  return ['', '## Recipe', '', '```json', JSON.stringify(recipe, null, 2), '```', ''];
}

function loadLines(name: string, file: string, { hasConfig, ...loading }: Loading): string[] {
  const folder = file.replace(/^.*\/|\.onnx$/g, '').replace(/^model_/, `${name}-`);
  const javascript = transformersJsSnippet({ ...loading, folder, file });
  const python = pythonSnippet({ file, hasTokenizer: loading.hasTokenizer });
  return [
    ...['', '## Load it'],
    ...(hasConfig ? ['', 'With transformers.js:', '', '```js', javascript, '```'] : []),
    ...['', 'With onnxruntime, in this folder:', '', '```python', python, '```'],
  ];
}

type Evaluation = NonNullable<Report['evaluation']>;

function metricTable(evaluation: Evaluation, scores: Report['scores']): string[] {
  const { data, protocol, compressed, stopped } = evaluation;
  const names = METRIC_NAMES.filter((name) => compressed[name] !== undefined);
  const early = stopped ? ` Ended after ${stopped.done} of ${stopped.of}.` : '';
  const madeUp = scores === 'fidelity' ? ' These inputs are made up: fidelity, not quality.' : '';
  return [
    `Measured on ${data}: ${protocol.replace(/\.$/, '')}.${early}${madeUp}`,
    '',
    '| measure | original | compressed | difference | n |',
    '|---|---|---|---|---|',
    ...names.map((name) => metricRow(name, evaluation)),
    '',
    '± is one standard error; differences are paired. "n = 1": one example says nothing about its error.',
  ];
}

function metricRow(name: MetricName, { original, compressed, difference }: Evaluation): string {
  const [before, after, apart] = [original[name], compressed[name], difference[name]];
  const text = ({ value, error }: { value: string; error: string }) => `${value} ${error}`;
  const cells = [
    METRIC_WORDS[name],
    before ? text(formatMetric(name, before)) : '',
    after ? text(formatMetric(name, after)) : '',
    apart ? text(formatDifference(name, apart)) : '',
    String(after?.n ?? ''),
  ];
  return `| ${cells.join(' | ')} |`;
}

/** Each method beside its baseline at these bytes, by layers. */
function baselineLines({ layers }: Report): string[] {
  return layerVerdicts(layers).flatMap(({ method, word, won, total }) => {
    const baseline = metaById(method)?.baseline ?? 'its baseline';
    const link = word === 'equal' ? 'to' : 'than';
    return ['', `${method}: ${word} ${link} ${baseline} on ${won} of ${total} layers.`];
  });
}
