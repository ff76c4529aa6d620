import { bytesOf } from '../../core/data/fingerprint.ts';
import type { Dataset, ExampleDataset, PairDataset } from '../../core/data/types.ts';
import { singleTexts } from '../../core/data/text-file.ts';
import { LatheError } from '../../core/errors/lathe-error.ts';
import { DataType } from '../../core/tensor/data-type.ts';
import type { Value } from '../../core/tensor/values.ts';
import { statesInput, statesMaskInput } from '../../runtime/encoder-decoder/encoder-states.ts';
import {
  isWhole,
  wholePair,
  type SequencePair,
  type Source,
} from '../../runtime/encoder-decoder/sequence-pair.ts';
import { exampleFeeds } from '../../runtime/feeds.ts';
import { inputPorts } from '../../runtime/ports.ts';
import type { PortInfo } from '../../runtime/types.ts';
import { makeValue, type Feeds } from '../../runtime/values.ts';
import { preparedExamples } from '../data/batches.ts';
import { pickExamples } from '../data/pick-examples.ts';
import { textLength } from '../data/token-lengths.ts';
import { tokenizerFor } from '../data/tokenizer-for.ts';
import type { OpenModel } from '../model/open.ts';
import { knownEnds, noStart, sourceTokens, targetEnds, targetTokens } from './ends.ts';
import { rowsOfValue, targetRows, tokenArray } from './target-rows.ts';
import { openedPart } from './whole.ts';

/** Pairs cut and ready, with how they were read. */
export interface Pairs {
  readonly name: string;
  readonly pairs: readonly SequencePair[];
  readonly reading: string;
}

/**
 * Pairs for an encoder-decoder of which one part was opened: texts in its tokens, or arrays (what the encoder reads
 * or the states it gave, with `decoder_input_ids` or `labels`). Undefined where the model is no part of one, or the
 * data holds no targets. Throws `data-too-short`, `decoder-start`, `pair-labels`, `tokenizer-missing`.
 */
export async function sequencePairs(
  open: OpenModel,
  dataset: Dataset,
  asked?: number,
): Promise<Pairs | undefined> {
  if (openedPart(open) === undefined) return undefined;
  const found = await readPairs(open, dataset, asked);
  const inputs = inputPorts(open.model);
  if (found === undefined || !isWhole(inputs)) return found;
  return { ...found, pairs: found.pairs.map((pair) => wholePair(inputs, pair)) };
}

async function readPairs(
  open: OpenModel,
  dataset: Dataset,
  asked: number | undefined,
): Promise<Pairs | undefined> {
  if (dataset.kind === 'pairs') return textPairs(open, dataset, asked);
  return dataset.kind === 'examples' ? arrayPairs(open, dataset, asked) : undefined;
}

/** Most tokens of a target, its start token among them. */
function targetLength(open: OpenModel, asked?: number): number {
  return Math.min(textLength(open, asked), open.config.max_target_positions ?? Infinity);
}

async function textPairs(
  open: OpenModel,
  { name, sources, targets }: PairDataset,
  asked?: number,
): Promise<Pairs> {
  const tokenizer = tokenizerFor(open);
  const ends = await knownEnds(open);
  const [length, most] = [textLength(open, asked), targetLength(open, asked)];
  const pairs = sources.map((text, document): SequencePair => {
    const ids = sourceTokens(tokenizer, text, { end: ends.end, length });
    const target = targetTokens(tokenizer, targets[document], ends, most);
    return {
      source: { kind: 'tokens', ids },
      window: { ids: target.ids, firstCounted: target.given, document },
    };
  });
  return predicting(name, pairs, `sources cut off at ${length} tokens and targets at ${most}`);
}

async function arrayPairs(
  open: OpenModel,
  given: ExampleDataset,
  asked?: number,
): Promise<Pairs | undefined> {
  const dataset = preparedExamples(open, given);
  const ports = inputPorts(open.model);
  const encoding = openedPart(open) === 'encoder';
  const states = encoding ? undefined : (statesInput(ports) ?? STATES);
  const encoded = states !== undefined && Object.hasOwn(dataset.arrays, states.name);
  const own = tokenArray(dataset.arrays, 'decoder_input_ids') !== undefined;
  if (!encoded && !own && dataset.positionLabels === undefined) return undefined;
  // Beside states, "input_ids" is what the decoder's own input is called.
  if (encoding && hasStates(dataset)) return undefined;
  const { start, end } = await targetEnds(open);
  const windows = targetRows(dataset, {
    input: own || !encoded ? 'decoder_input_ids' : 'input_ids',
    start: () => {
      if (start === undefined) throw noStart(open.name);
      return start;
    },
    pad: open.tokenizer?.pad ?? open.config.pad_token_id,
    end,
  });
  if (windows === undefined) return undefined;
  const most = targetLength(open, asked);
  const pairs = windows.map((window, index): SequencePair => ({
    window: { ...window, ids: window.ids.subarray(0, most) },
    ...(encoded
      ? { states: statesAt(states, statesMaskInput(ports), dataset, index) }
      : { source: sourceAt(dataset, index) }),
  }));
  return predicting(dataset.name, pairs, `targets cut off at ${most} tokens`);
}

/** What the decoder that makes a cache reads, where an opened one reads only the cache. */
const STATES: PortInfo = {
  name: 'encoder_hidden_states',
  dataType: DataType.float32,
  dims: ['batch', 'length', 'size'],
};

function hasStates({ arrays }: ExampleDataset): boolean {
  return Object.keys(arrays).some((name) => name.startsWith('encoder_hidden_states'));
}

/** The decoder's inputs that the data holds in place of an encoder. */
function statesAt(
  states: PortInfo,
  mask: PortInfo | undefined,
  dataset: ExampleDataset,
  index: number,
): Feeds {
  const arrays = pickExamples(dataset, [index]);
  const known = [states, mask].filter((port) => port && Object.hasOwn(arrays, port.name));
  const feeds = exampleFeeds(
    known.filter((port) => port !== undefined),
    arrays,
  );
  if (mask === undefined || known.includes(mask)) return feeds;
  const [batch, length] = feeds[states.name].dims;
  return { ...feeds, [mask.name]: makeValue(mask.dataType, [batch, length], () => 1) };
}

const OF_DECODER = /^decoder_/;

/** What the encoder reads: tokens without their padding, or its arrays as they are. */
function sourceAt(dataset: ExampleDataset, index: number): Source {
  const entries = Object.entries(dataset.arrays).filter(([name]) => !OF_DECODER.test(name));
  const arrays = pickExamples({ ...dataset, arrays: Object.fromEntries(entries) }, [index]);
  const ids = tokenArray(arrays, 'input_ids');
  if (ids === undefined) return { kind: 'arrays', arrays };
  const [row] = rowsOfValue(ids);
  const mask = tokenArray(arrays, 'attention_mask');
  return { kind: 'tokens', ids: row.subarray(0, lengthOf(row, mask, dataset, index)) };
}

function lengthOf(
  row: Int32Array,
  mask: Value | undefined,
  { ragged }: ExampleDataset,
  index: number,
): number {
  if (mask !== undefined) return rowsOfValue(mask)[0].lastIndexOf(1) + 1;
  return ragged?.names.includes('input_ids') ? ragged.lengths[index] : row.length;
}

/** The first sources of a data file, whether their targets are known or not. */
export async function dataSources(
  open: OpenModel,
  dataset: Dataset,
  count: number,
): Promise<Source[]> {
  if (dataset.kind === 'examples') {
    const prepared = preparedExamples(open, dataset);
    const indices = Array.from({ length: Math.min(count, dataset.count) }, (_, index) => index);
    return indices.map((index) => sourceAt(prepared, index));
  }
  const texts = dataset.kind === 'pairs' ? dataset.sources : singleTexts(dataset).documents;
  const { end } = await targetEnds(open);
  const options = { end, length: textLength(open) };
  return texts.slice(0, count).map((text) => ({
    kind: 'tokens',
    ids: sourceTokens(tokenizerFor(open), text, options),
  }));
}

/** Pairs whose target has anything to predict. Throws `data-too-short` when that leaves none. */
function predicting(name: string, pairs: readonly SequencePair[], reading: string): Pairs {
  const usable = pairs.filter(({ window }) => window.ids.length > window.firstCounted);
  if (usable.length > 0) return { name, pairs: usable, reading };
  throw noTargets(name);
}

export function noTargets(name: string): LatheError {
  return new LatheError(
    'data-too-short',
    `No target in "${name}" has a token to predict; give targets of at least one token behind the start token.`,
  );
}

/** All that is looked at of a pair, for a hash. */
export function bytesOfPair({ window, source, states }: SequencePair): Uint8Array[] {
  const beside = source?.kind === 'tokens' ? [source.ids] : [];
  const arrays = Object.values(source?.kind === 'arrays' ? source.arrays : (states ?? {}));
  return [window.ids, ...beside, ...arrays.map(({ data }) => data)].map((data) => bytesOf(data));
}
