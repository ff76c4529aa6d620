import type { Dataset } from '../../core/data/types.ts';
import type { Model } from '../../core/onnx/types.ts';
import { sourceFeeds, type SequencePair } from '../../runtime/encoder-decoder/sequence-pair.ts';
import { languageFeeds } from '../../runtime/feeds.ts';
import { inputPorts } from '../../runtime/ports.ts';
import type { EvaluationData } from '../../runtime/evaluate/evaluate.ts';
import type { Feeds } from '../../runtime/values.ts';
import { SHORT } from '../data/token-lengths.ts';
import { sha256Of } from '../hash.ts';
import type { OpenModel } from '../model/open.ts';
import { encodedPairs, needsEncoder, type OnDevice } from './encode.ts';
import { bytesOfPair, sequencePairs, type Pairs } from './pairs.ts';
import { decoderOf, encoderOf, openedPart } from './whole.ts';

/** Evaluation data of a part, cut and ready. */
export interface PreparedPairs {
  readonly name: string;
  readonly sha256: string;
  readonly scores: 'quality';
  readonly protocol: string;
  /** The other part, where measuring needs it. */
  readonly sibling?: Model;
  readonly data: () => EvaluationData;
  readonly feeds: Feeds;
  readonly shortFeeds: Feeds;
}

/**
 * A part of an encoder-decoder on pairs: perplexity of the targets given the sources. A decoder reads what its
 * original encoder made of them, an encoder is judged by what its original decoder makes of it. Undefined where the
 * model is no such part, the data holds no pairs, or there is no decoder to judge an encoder by.
 */
export async function pairEvaluation(
  open: OpenModel,
  dataset: Dataset,
  runtime: OnDevice | undefined,
): Promise<PreparedPairs | undefined> {
  const pairs = await sequencePairs(open, dataset);
  if (pairs === undefined) return undefined;
  return openedPart(open) === 'encoder'
    ? encoderEvaluation(open, pairs)
    : decoderEvaluation(open, pairs, runtime);
}

async function decoderEvaluation(
  open: OpenModel,
  pairs: Pairs,
  runtime: OnDevice | undefined,
): Promise<PreparedPairs> {
  const encoder = needsEncoder(pairs.pairs) ? await encoderOf(open) : undefined;
  const [first] = pairs.pairs;
  const [states] = await encodedPairs(open, encoder, [first], runtime);
  const { ids } = first.window;
  const ports = inputPorts(open.model);
  const feeds = (window: Int32Array): Feeds =>
    languageFeeds(ports, { windows: [window], extra: states });
  return {
    ...(await described(pairs, encoder, encoder && 'states by the original encoder')),
    data: () => ({ task: 'sequence-to-sequence', pairs: pairs.pairs, opened: 'decoder' }),
    feeds: feeds(ids),
    shortFeeds: feeds(ids.subarray(0, SHORT)),
  };
}

async function encoderEvaluation(
  open: OpenModel,
  pairs: Pairs,
): Promise<PreparedPairs | undefined> {
  const decoder = await decoderOf(open);
  if (decoder === undefined) return undefined;
  const ports = inputPorts(open.model);
  const { source } = pairs.pairs[0];
  const feeds = source === undefined ? {} : sourceFeeds(ports, source);
  const short =
    source?.kind === 'tokens' ? { ...source, ids: source.ids.subarray(0, SHORT) } : source;
  return {
    ...(await described(pairs, decoder, 'states read by the original decoder')),
    data: () => ({ task: 'sequence-to-sequence', pairs: pairs.pairs, opened: 'encoder' }),
    feeds,
    shortFeeds: short === undefined ? feeds : sourceFeeds(ports, short),
  };
}

async function described(
  { name, pairs, reading }: Pairs,
  sibling: OpenModel | undefined,
  by: string | undefined,
): Promise<Pick<PreparedPairs, 'name' | 'sha256' | 'scores' | 'protocol' | 'sibling'>> {
  const scored = pairs.reduce((sum, { window }) => sum + tokensOf(window), 0);
  const said = [`${pairs.length} pairs`, reading, by].filter((part) => part !== undefined);
  const other = sibling === undefined ? [] : [new TextEncoder().encode(sibling.sha256)];
  return {
    ...{ name, scores: 'quality' },
    sha256: await sha256Of([...pairs.flatMap(bytesOfPair), ...other]),
    protocol: `${said.join(', ')}; ${scored} tokens scored; errors by pair`,
    ...(sibling && { sibling: sibling.model }),
  };
}

function tokensOf({ ids, firstCounted }: SequencePair['window']): number {
  return ids.length - firstCounted;
}
