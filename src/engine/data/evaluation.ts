import { checkLabels } from '../../core/data/examples.ts';
import { bytesOf } from '../../core/data/fingerprint.ts';
import { checkPositionLabels, pickLabels } from '../../core/data/position-labels.ts';
import type { Dataset, TextDataset, TokenWindow } from '../../core/data/types.ts';
import type { Model } from '../../core/onnx/types.ts';
import type { Bindings } from '../../core/onnx/shape/dimension.ts';
import { rowWindows } from '../../core/data/windows.ts';
import type { EvaluationData } from '../../runtime/evaluate/evaluate.ts';
import type { Evaluation, ExampleBatch, Protocol, Siblings } from '../../runtime/evaluate/types.ts';
import { rowsPerRun, tokensPerRun } from '../../runtime/cache-ports.ts';
import { languageFeeds } from '../../runtime/feeds.ts';
import { inputPorts } from '../../runtime/ports.ts';
import { syntheticFeeds } from '../../runtime/synthetic-feeds.ts';
import type { PortInfo } from '../../runtime/types.ts';
import type { Feeds } from '../../runtime/values.ts';
import { pairEvaluation } from '../encoder-decoder/evaluation.ts';
import type { OnDevice } from '../encoder-decoder/encode.ts';
import { sha256Of } from '../hash.ts';
import { inOwnTokens } from '../../runtime/evaluate/columns.ts';
import { dataTokens, ownTokens, type KeptTokens } from '../../runtime/token-views.ts';
import { examplesWith, windowsWith } from '../vocabulary/kept-data.ts';
import type { Spoken } from '../vocabulary/spoken.ts';
import type { OpenModel } from '../model/open.ts';
import { examplesFrom, predictsText, windowLength, windowsOf } from './batches.ts';
import { fixedBatch } from './batch-size.ts';
import { dataTask } from './data-task.ts';
import { groupsOf, type Examples } from './examples.ts';
import { openSizes } from './open-sizes.ts';
import { primerOf, readsSingly, type Primer } from './primer.ts';
import { MADE_UP, syntheticRuns } from './synthetic-runs.ts';
import { SHORT } from './token-lengths.ts';
import { tokenRows } from './token-rows.ts';

/** Evaluation data cut and ready, with the sentence that says how. */
export interface PreparedEvaluation {
  readonly name: string;
  readonly sha256: string;
  readonly scores: 'quality' | 'fidelity';
  readonly protocol: string;
  /** How the models are run: windows, the cache filled, or exits side by side. */
  readonly measuring: Protocol;
  /** The other parts of an encoder-decoder that measuring needs, opened beside the contenders. */
  readonly siblings?: Siblings<Model>;
  /** Fresh iterables for each use. */
  readonly data: () => EvaluationData;
  /** One representative run, for latency. */
  readonly feeds: Feeds;
  /** A short run, for the comparison of devices: a software adapter is a hundred times slower. */
  readonly shortFeeds: Feeds;
  /** Makes the cache that the models start from, where they take one token a run. */
  readonly primer?: Primer;
  /** Where the model keeps only some of the original's tokens, which the data is in … */
  readonly kept?: KeptTokens;
  /** … and what that means for what is measured. */
  readonly warnings?: readonly string[];
}

const EXAMPLES_PER_BATCH = 50;
const PAIRS_PER_BATCH = 64;
const SYNTHETIC_SEED = 1;

/** What the protocol adds to the sentence that says how. */
const READ: Readonly<Record<Protocol, string>> = {
  windows: '',
  cached: '; read token by token with the cache filled',
  exits: '; every exit beside the others',
};

/**
 * Prepares data for the model's task; without data, made-up inputs whose scores are called fidelity, in windows
 * whatever was asked for. Made-up images are as large as those of `other` data, where there is some. What an encoder
 * made of a source is computed on `runtime`.
 */
export async function prepareEvaluation(
  open: OpenModel,
  dataset: Dataset | undefined,
  measuring: Protocol = 'windows',
  other?: Dataset,
  runtime?: OnDevice,
  spoken: Spoken = { open },
): Promise<PreparedEvaluation> {
  if (dataset === undefined) {
    const prepared = await syntheticEvaluation(open, openSizes(open, other), spoken.kept);
    return { ...prepared, measuring: 'windows' };
  }
  const pairs = await pairEvaluation(open, dataset, runtime);
  if (pairs !== undefined) return { ...pairs, measuring: 'windows' };
  const prepared = await preparedFor(open, dataset, spoken);
  const single = measuring === 'windows' && open.task === 'language-model' && readsSingly(open);
  const own = single ? 'cached' : measuring;
  const primer = primerOf(open);
  const protocol = `${prepared.protocol}${READ[own]}`;
  return { ...prepared, measuring: own, protocol, ...(primer && { primer }) };
}

/** What was done, told with what measuring found out about the models. */
export function protocolSentence(
  { protocol: whole, primer }: Pick<PreparedEvaluation, 'protocol' | 'primer'>,
  found: Pick<Evaluation, 'primed' | 'stopped' | 'n'>,
): string {
  const protocol = found.stopped ? endedEarly(whole, found.stopped.done, found.n) : whole;
  if (found.primed !== true || primer === undefined) return protocol;
  return `${protocol}; the first score of each left out, "${primer.path}" made the cache it starts from`;
}

/** All sentences begin with how many windows or examples there are, and some say how many tokens are scored. */
function endedEarly(protocol: string, done: number, n: number): string {
  const counted = protocol
    .replace(/^\d+/, (all) => `${done} of ${all}`)
    .replace(/\d+(?= tokens scored)/, String(n));
  return `${counted}; measuring was ended early`;
}

type Prepared = Omit<PreparedEvaluation, 'measuring'>;

async function preparedFor(open: OpenModel, dataset: Dataset, spoken: Spoken): Promise<Prepared> {
  const { kept } = spoken;
  const texts = dataset.kind === 'text';
  if (predictsText(open, dataset)) return textEvaluation(open, dataset, kept);
  const rows = tokenRows(open, dataset);
  if (rows !== undefined) return rowEvaluation(open, dataset, rows, kept);
  const task = exampleTask(open, dataset);
  // A text has one answer however it is cut into tokens: each model reads it with its own tokenizer.
  const own = kept && texts && task === 'classifier';
  const read = own ? examplesFrom(spoken.open, dataset) : undefined;
  return exampleEvaluation(open, examplesFrom(open, dataset), task, { kept, read });
}

async function textEvaluation(
  open: OpenModel,
  dataset: TextDataset,
  kept: KeptTokens | undefined,
): Promise<Prepared> {
  const length = windowLength(open);
  const windows = windowsOf(open, dataset, { length });
  const many = dataset.documents.length > 1;
  const protocol = many
    ? sentence(windows, `documents, each cut off at ${length} tokens`, 'document')
    : sentence(windows, `consecutive windows of ${length} tokens`, 'window');
  return windowEvaluation(open, dataset.name, windows, protocol, kept);
}

/** Rows of tokens are documents: perplexity by row. */
async function rowEvaluation(
  open: OpenModel,
  { name }: Dataset,
  rows: readonly Int32Array[],
  kept: KeptTokens | undefined,
): Promise<Prepared> {
  const length = windowLength(open);
  const windows = rowWindows(name, rows, length);
  const protocol = sentence(windows, `rows of tokens, each cut off at ${length}`, 'row');
  return windowEvaluation(open, name, windows, protocol, kept);
}

async function windowEvaluation(
  open: OpenModel,
  name: string,
  whole: readonly TokenWindow[],
  how: string,
  kept: KeptTokens | undefined,
): Promise<Prepared> {
  const ports = inputPorts(open.model);
  const { windows, added, warnings } = windowsWith(name, whole, kept);
  const first = kept ? inOwnTokens(kept.columns)(windows[0]) : windows[0];
  const run = first.ids.subarray(0, tokensPerRun(ports));
  return {
    ...{ name, protocol: `${how}${added}`, scores: 'quality' },
    ...(kept && { kept, warnings }),
    sha256: await sha256Of(windows.map(({ ids }) => bytesOf(ids))),
    data: () => ({ task: 'language-model', windows }),
    feeds: representative(ports, run),
    shortFeeds: representative(ports, run.subarray(0, SHORT)),
  };
}

/** One run, as large as the file fixes it. */
function representative(ports: readonly PortInfo[], ids: TokenWindow['ids']): Feeds {
  const windows = new Array<TokenWindow['ids']>(rowsPerRun(ports) ?? 1).fill(ids);
  return languageFeeds(ports, { windows, length: tokensPerRun(ports) ?? ids.length });
}

function sentence(windows: readonly TokenWindow[], what: string, unit: string): string {
  const scored = windows.reduce((sum, w) => sum + w.ids.length - w.firstCounted, 0);
  return `${windows.length} ${what}; ${scored} tokens scored; errors by ${unit}`;
}

/** How a task with an answer per example is measured; the others by how far outputs moved. */
type ExampleTask = Exclude<EvaluationData['task'], 'language-model' | 'sequence-to-sequence'>;

function exampleTask(open: OpenModel, dataset: Dataset): ExampleTask {
  const task = dataTask(open, dataset);
  switch (task) {
    case 'language-model':
    case 'sequence-to-sequence':
      return 'unknown';
    case 'masked-language-model':
      return 'token-classifier';
    case 'pairs':
      // A file that runs a single pair has nothing to choose among.
      return fixedBatch(inputPorts(open.model)) === 1 ? 'unknown' : task;
    default:
      return task;
  }
}

async function exampleEvaluation(
  open: OpenModel,
  examples: Examples,
  task: ExampleTask,
  { kept, read }: Pick<Spoken, 'kept'> & { readonly read: Examples | undefined },
): Promise<Prepared> {
  const { name } = examples;
  const ports = inputPorts(open.model);
  const { all, added, warnings } = examplesWith(examples, ports, kept, read);
  const count = all.length;
  const fixed = fixedBatch(ports);
  const labels = task === 'classifier' ? examples.labels : undefined;
  const positionLabels = task === 'token-classifier' ? examples.positionLabels : undefined;
  if (open.labels !== undefined) {
    checkLabels({ name, labels }, open.labels.length);
    if (positionLabels) checkPositionLabels(name, positionLabels, open.labels.length);
  }
  const size = fixed ?? batchOf(task, examples);
  function* batches(): Generator<ExampleBatch> {
    for (const group of groupsOf(all, size, fixed !== undefined)) {
      const real = group.indices.slice(0, group.count);
      yield {
        ...examples.batch(ports, group.indices),
        ...{ count: group.count, size: group.indices.length },
        ...(read && { own: read.batch(ports, group.indices).feeds }),
        ...(labels && { labels: Int32Array.from(real, (index) => labels[index]) }),
        ...(positionLabels && { positionLabels: pickLabels(positionLabels, group.indices) }),
      };
    }
  }
  const names = open.labels && { names: open.labels };
  const [one] = groupsOf(all.slice(0, 1), fixed ?? 1, true);
  const own = kept && !read ? ownTokens(ports, kept) : (feeds: Feeds) => feeds;
  const shown = read ?? examples;
  const chosen = kept ? [bytesOf(Int32Array.from(all))] : [];
  return {
    name,
    sha256: await sha256Of([...examples.bytes(), ...chosen]),
    scores: 'quality',
    protocol: `${protocolOf({ ...examples, count }, task, size)}${added}`,
    data: () => ({ task, batches: batches(), total: count, ...names }),
    feeds: own(shown.batch(ports, one.indices).feeds),
    shortFeeds: own(shown.short(ports, one.indices)),
    ...(kept && !read && { kept }),
    warnings,
  };
}

/** Examples that run together: pairs as evenly as can be, because each chooses among those of its batch. */
function batchOf(task: ExampleTask, { count, together = Infinity }: Examples): number {
  if (task !== 'pairs') return Math.min(EXAMPLES_PER_BATCH, together);
  return Math.ceil(count / Math.ceil(count / Math.min(PAIRS_PER_BATCH, together)));
}

function protocolOf(examples: Examples, task: ExampleTask, size: number): string {
  const { count, unit, reading, labels, positionLabels } = examples;
  const labelled = task === 'token-classifier' ? positionLabels : task === 'classifier' && labels;
  const what = `${count} ${unit}${count === 1 ? '' : 's'}${labelled ? ' with labels' : ''}`;
  const among = task === 'pairs' ? `, each among the ${Math.min(size, count)} of its batch` : '';
  return `${what}${reading === undefined ? '' : `, ${reading}`}${among}; errors by ${unit}`;
}

async function syntheticEvaluation(
  open: OpenModel,
  dimensions: Bindings,
  kept: KeptTokens | undefined,
): Promise<Prepared> {
  const ports = inputPorts(open.model);
  const vocabulary = kept?.columns.length ?? open.anatomy.vocabularySize;
  const options = { seed: SYNTHETIC_SEED, dimensions, ...(vocabulary && { vocabulary }) };
  const runs = syntheticRuns(open.model);
  const feedsOf = (index: number): Feeds => syntheticFeeds(ports, { ...options, index });
  function* batches(): Generator<ExampleBatch> {
    const whole = kept ? dataTokens(ports, kept) : (feeds: Feeds) => feeds;
    for (let i = 0; i < runs; i++) yield { feeds: whole(feedsOf(i)), count: 1 };
  }
  return {
    name: 'made-up inputs',
    sha256: await sha256Of(Object.values(feedsOf(0)).map(({ data }) => bytesOf(data))),
    scores: 'fidelity',
    protocol: `${runs} made-up inputs (seed ${SYNTHETIC_SEED}${runs < MADE_UP.most ? ', few because the model is large' : ''}): how far outputs moved, not how good they are`,
    data: () => ({ task: 'unknown', batches: batches(), total: runs }),
    feeds: feedsOf(0),
    shortFeeds: feedsOf(0),
    ...(kept && { kept }),
  };
}
