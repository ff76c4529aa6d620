import type { Dataset } from '../../core/data/types.ts';
import type { Model } from '../../core/onnx/types.ts';
import { sourceFeeds, type SequencePair } from '../../runtime/encoder-decoder/sequence-pair.ts';
import type { Siblings } from '../../runtime/evaluate/types.ts';
import type { OpenedPart } from '../../runtime/evaluate/encoder-decoder.ts';
import { languageFeeds } from '../../runtime/feeds.ts';
import { inputPorts } from '../../runtime/ports.ts';
import type { EvaluationData } from '../../runtime/evaluate/evaluate.ts';
import type { Feeds } from '../../runtime/values.ts';
import { SHORT } from '../data/token-lengths.ts';
import { sha256Of } from '../hash.ts';
import type { OpenModel } from '../model/open.ts';
import { encodedPairs, graphsOf, hashesOf, partsBefore, type OnDevice } from './encode.ts';
import { goingOnFeeds } from './going-on.ts';
import { bytesOfPair, noTargets, sequencePairs, type Pairs } from './pairs.ts';
import { decoderOf, openedPart } from './whole.ts';

/** Evaluation data of a part, cut and ready. */
export interface PreparedPairs {
  readonly name: string;
  readonly sha256: string;
  readonly scores: 'quality';
  readonly protocol: string;
  /** The other parts, where measuring needs them. */
  readonly siblings: Siblings<Model>;
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
  const opened = openedPart(open) ?? 'decoder';
  const before = await partsBefore(open, pairs.pairs);
  const by = [
    before.encoder && 'states by the original encoder',
    before.decoder && 'read token by token behind what the original decoder begins',
  ];
  const feeds = await (opened === 'decoder' ? wholeFeeds : nextFeeds)(open, before, pairs, runtime);
  return {
    ...(await described(scoredBy(opened, pairs), before, by)),
    data: () => ({ task: 'sequence-to-sequence', pairs: pairs.pairs, opened }),
    ...feeds,
  };
}

/** What a decoder that goes on from a cache predicts: all but the first token, which the one before it does. */
function scoredBy(opened: OpenedPart, { pairs, ...rest }: Pairs): Pairs {
  if (opened !== 'decoder-with-past') return { ...rest, pairs };
  const own = pairs.map(({ window, ...pair }) => ({
    ...pair,
    window: { ...window, firstCounted: Math.min(window.firstCounted + 1, window.ids.length) },
  }));
  return { ...rest, pairs: own };
}

type Representative = Pick<PreparedPairs, 'feeds' | 'shortFeeds'>;

async function wholeFeeds(
  open: OpenModel,
  before: Siblings<OpenModel>,
  { pairs: [first] }: Pairs,
  runtime: OnDevice | undefined,
): Promise<Representative> {
  const [states] = await encodedPairs(open, before, [first], runtime);
  const ports = inputPorts(open.model);
  const feeds = (ids: Int32Array): Feeds => languageFeeds(ports, { windows: [ids], extra: states });
  const { ids } = first.window;
  return { feeds: feeds(ids), shortFeeds: feeds(ids.subarray(0, SHORT)) };
}

async function nextFeeds(
  open: OpenModel,
  before: Siblings<OpenModel>,
  { name, pairs }: Pairs,
  runtime: OnDevice | undefined,
): Promise<Representative> {
  const long = pairs.find(({ window }) => window.ids.length > window.firstCounted + 1);
  if (long === undefined) throw noTargets(name);
  const [feeds] = await goingOnFeeds(open, before, [long], 1, runtime);
  return { feeds, shortFeeds: feeds };
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
    ...(await described(pairs, { decoder }, ['states read by the original decoder'])),
    data: () => ({ task: 'sequence-to-sequence', pairs: pairs.pairs, opened: 'encoder' }),
    feeds,
    shortFeeds: short === undefined ? feeds : sourceFeeds(ports, short),
  };
}

async function described(
  { name, pairs, reading }: Pairs,
  siblings: Siblings<OpenModel>,
  by: readonly (string | undefined)[],
): Promise<Pick<PreparedPairs, 'name' | 'sha256' | 'scores' | 'protocol' | 'siblings'>> {
  const scored = pairs.reduce((sum, { window }) => sum + tokensOf(window), 0);
  const said = [`${pairs.length} pairs`, reading, ...by].filter((part) => part !== undefined);
  return {
    ...{ name, scores: 'quality' },
    sha256: await sha256Of([...pairs.flatMap(bytesOfPair), ...hashesOf(siblings)]),
    protocol: `${said.join(', ')}; ${scored} tokens scored; errors by pair`,
    siblings: graphsOf(siblings),
  };
}

function tokensOf({ ids, firstCounted }: SequencePair['window']): number {
  return ids.length - firstCounted;
}
