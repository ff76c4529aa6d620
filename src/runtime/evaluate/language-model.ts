import type { TokenWindow } from '../../core/data/types.ts';
import { throwIfCancelled } from '../../core/errors/lathe-error.ts';
import { deltaP, deltaPRms } from '../../core/metrics/delta-p.ts';
import { toMetric } from '../../core/metrics/estimate.ts';
import { klMetrics } from '../../core/metrics/kl.ts';
import { pairedDifference } from '../../core/metrics/paired-difference.ts';
import { perplexity } from '../../core/metrics/perplexity.ts';
import { sameTop1 } from '../../core/metrics/same-top1.ts';
import { cacheOf } from '../cache-ports.ts';
import type { Feeds } from '../values.ts';
import { inOwnTokens } from './columns.ts';
import { exitsOf } from './exits.ts';
import { measuredOutputs } from './logits.ts';
import { windowReader, type ReadWindow } from './read-window.ts';
import { newTracks, scoreWindow, type Tracks } from './score-window.ts';
import type { Contender, Contenders, Evaluation, EvaluationOptions, Protocol } from './types.ts';

/**
 * Measures a language model on token windows, and its distance from the original on the original's
 * full logits. Both run on a window, its logits are compared and dropped: memory does not grow with
 * the data. Throws `logits-shape`, `index-out-of-range`, `vocabularies-differ`, `cache-missing`,
 * `cache-not-grown`.
 */
export function evaluateLanguageModel(
  contenders: Contenders,
  windows: readonly TokenWindow[],
  hooks: EvaluationOptions = {},
): Promise<Evaluation> {
  const items = windows.map((window) => ({ window }));
  return evaluateItems(contenders, items, hooks);
}

/** What a window's models read beside its tokens, by the names of their inputs. */
export interface ItemFeeds {
  readonly original: Feeds;
  readonly model: Feeds;
}

/** A window, with what else its models read: made when it is its turn, and dropped after it. */
export interface Item {
  readonly window: TokenWindow;
  readonly feeds?: () => Promise<ItemFeeds>;
}

/** How a model reads windows. */
type Reader = typeof windowReader;

/** {@link evaluateLanguageModel} of windows that are not all their models read. */
export async function evaluateItems(
  { original, model }: Contenders,
  items: readonly Item[],
  hooks: EvaluationOptions = {},
  reader: Reader = windowReader,
): Promise<Evaluation> {
  const clock = hooks.clock ?? (() => performance.now());
  const { names, answer } = measuredOutputs(model, hooks.protocol);
  const run = reader(model.session, names, hooks.protocol);
  const own = inOwnTokens(model.columns);
  const reference = original && referenceReader(original, hooks.protocol, reader);
  const tracks = names.map(newTracks);
  const start = clock();
  let tokens = 0;
  for (const [done, { window, feeds }] of items.entries()) {
    throwIfCancelled(hooks.signal);
    const scored = { data: window, own: own(window), columns: model.columns };
    const beside = await feeds?.();
    const found = await run(scored.own, beside?.model);
    const p = (await reference?.(window, beside?.original))?.[0];
    found.forEach((q, i) => scoreWindow(p, q, scored, tracks[i]));
    tokens += window.ids.length;
    hooks.progress?.((done + 1) / items.length);
  }
  const seconds = Math.max(clock() - start, 1e-3) / 1000;
  const lengths = items.map(({ window }) => window.ids.length - window.firstCounted);
  const found = tracks.map((track) => summary(track, lengths, original !== undefined));
  const exits = hooks.protocol === 'exits' && { exits: exitsOf(names, found) };
  return { ...found[answer], runs: items.length, tokensPerSecond: tokens / seconds, ...exits };
}

/** An original without a cache reads whole windows: what it says of a token is the same. */
function referenceReader(
  original: Contender,
  protocol: Protocol | undefined,
  reader: Reader,
): ReadWindow {
  const cached = protocol === 'cached' && cacheOf(original.session) !== undefined;
  const { names } = measuredOutputs(original);
  return reader(original.session, names, cached ? 'cached' : 'windows');
}

function summary(
  tracks: Tracks,
  lengths: readonly number[],
  compared: boolean,
): Pick<Evaluation, 'original' | 'compressed' | 'difference' | 'n'> {
  const found = perplexity(tracks.nllQ.values, lengths);
  const n = tracks.nllQ.values.length;
  if (!compared) {
    return { original: {}, compressed: { perplexity: toMetric(found) }, difference: {}, n };
  }
  const reference = perplexity(tracks.nllP.values, lengths);
  return {
    original: { perplexity: toMetric(reference) },
    compressed: {
      perplexity: toMetric(found),
      ...klMetrics(tracks.kl.values, lengths),
      sameTop1: toMetric(sameTop1(tracks.sameTop.values, lengths)),
      deltaP: toMetric(deltaP(tracks.deltaP.values, lengths)),
      deltaPRms: toMetric(deltaPRms(tracks.deltaP.values, lengths)),
    },
    difference: { perplexity: pairedDifference(reference, found) },
    n,
  };
}
