import type { TokenWindow } from '../../core/data/types.ts';
import { throwIfCancelled } from '../../core/errors/lathe-error.ts';
import { deltaP, deltaPRms } from '../../core/metrics/delta-p.ts';
import { toMetric } from '../../core/metrics/estimate.ts';
import { klMean, klMetrics } from '../../core/metrics/kl.ts';
import { pairedDifference } from '../../core/metrics/paired-difference.ts';
import { perplexity } from '../../core/metrics/perplexity.ts';
import { sameTop1 } from '../../core/metrics/same-top1.ts';
import { eachWindow } from '../../core/report/each.ts';
import { cacheOf } from '../cache-ports.ts';
import { inOwnTokens } from './columns.ts';
import { exitsOf } from './exits.ts';
import { measuredOutputs } from './logits.ts';
import { Rounds, type Found } from './rounds.ts';
import { windowReader, type WindowReader } from './read-window.ts';
import { newTracks, scoreWindow, type Tracks } from './score-window.ts';
import type { Contender, Contenders, Evaluation, EvaluationOptions, Protocol } from './types.ts';

/**
 * Measures a language model on token windows, and its distance from the original on the original's
 * full logits. Both run on a window, its logits are compared and dropped: memory does not grow with
 * the data. Throws `logits-shape`, `index-out-of-range`, `vocabularies-differ`, `cache-missing`,
 * `cache-not-grown`.
 */
export async function evaluateLanguageModel(
  { original, model }: Contenders,
  windows: readonly TokenWindow[],
  hooks: EvaluationOptions = {},
): Promise<Evaluation> {
  const clock = hooks.clock ?? (() => performance.now());
  const { names, answer } = measuredOutputs(model, hooks.protocol);
  const reader = await windowReader(model, names, hooks.protocol);
  const reference = original && (await referenceReader(original, hooks.protocol));
  const readers = [reader, ...(reference ? [reference] : [])];
  const primed = readers.some(({ firstScored }) => firstScored > 1);
  const scored = primed ? windows.flatMap(withoutFirst) : windows;
  const own = inOwnTokens(model.columns);
  const tracks = names.map(newTracks);
  const start = clock();
  const compared = original !== undefined;
  const rounds = new Rounds(hooks, scored.length, clock);
  let [tokens, done] = [0, 0];
  for (const group of groupsOf(scored, readers)) {
    throwIfCancelled(hooks.signal);
    const mine = group.map(own);
    const found = await reader.read(mine);
    const wanted = await reference?.read(group);
    for (const [row, window] of group.entries()) {
      const one = { own: mine[row], columns: model.columns };
      found[row].forEach((q, i) => scoreWindow(wanted?.[row][0], q, one, tracks[i]));
      hooks.scored?.(wanted?.[row][0], found[row][answer], window);
      tokens += window.ids.length;
    }
    done += group.length;
    const soFar = () => mainMetrics(tracks[answer], lengthsOf(scored.slice(0, done)), compared);
    if (rounds.over(done, soFar)) break;
  }
  const seconds = Math.max(clock() - start, 1e-3) / 1000;
  const lengths = lengthsOf(scored.slice(0, done));
  const found = tracks.map((track) => summary(track, lengths, compared));
  const exits = hooks.protocol === 'exits' && { exits: exitsOf(names, found) };
  const rate = { runs: done, tokensPerSecond: tokens / seconds, ...rounds.ending };
  return { ...found[answer], ...rate, ...exits, ...(primed && { primed }) };
}

/** Scores of each window. */
export function lengthsOf(windows: readonly TokenWindow[]): number[] {
  return windows.map(({ ids, firstCounted }) => ids.length - firstCounted);
}

/** The same window without its first score; none where it has no other. */
function withoutFirst(window: TokenWindow): TokenWindow[] {
  const firstCounted = Math.max(2, window.firstCounted);
  return firstCounted < window.ids.length ? [{ ...window, firstCounted }] : [];
}

/** Windows one after another that are read side by side: of one length and context. */
function groupsOf(
  windows: readonly TokenWindow[],
  readers: readonly WindowReader[],
): TokenWindow[][] {
  const groups: TokenWindow[][] = [];
  for (const window of windows) {
    const group = groups.at(-1);
    const most = Math.min(...readers.map(({ together }) => together(window.ids.length)));
    const alike =
      group?.[0].ids.length === window.ids.length && group[0].firstCounted === window.firstCounted;
    if (group !== undefined && alike && group.length < most) group.push(window);
    else groups.push([window]);
  }
  return groups;
}

/** An original without a cache reads whole windows: what it says of a token is the same. */
function referenceReader(
  original: Contender,
  protocol: Protocol | undefined,
): Promise<WindowReader> {
  const cached = protocol === 'cached' && cacheOf(original.session) !== undefined;
  const { names } = measuredOutputs(original);
  return windowReader(original, names, cached ? 'cached' : 'windows');
}

/** What matters most of {@link summary}, for as long as it goes on: quantiles take longer. */
export function mainMetrics(tracks: Tracks, lengths: readonly number[], compared: boolean): Found {
  const found = perplexity(tracks.nllQ.values, lengths);
  const own = { perplexity: toMetric(found) };
  if (!compared) return { original: {}, compressed: own, difference: {} };
  const reference = perplexity(tracks.nllP.values, lengths);
  return {
    original: { perplexity: toMetric(reference) },
    compressed: { ...own, kl: toMetric(klMean(tracks.kl.values, lengths)) },
    difference: { perplexity: pairedDifference(reference, found) },
  };
}

/** What the tracks of windows of these lengths come to. */
export function summary(
  tracks: Tracks,
  lengths: readonly number[],
  compared: boolean,
): Pick<Evaluation, 'original' | 'compressed' | 'difference' | 'n' | 'each'> {
  const n = tracks.nllQ.values.length;
  const losses = {
    compressed: tracks.nllQ.values,
    ...(compared && { original: tracks.nllP.values }),
  };
  const each = eachWindow('perplexity', losses, lengths);
  const rest = { n, ...(each && { each }) };
  const main = mainMetrics(tracks, lengths, compared);
  if (!compared) return { ...main, ...rest };
  return {
    ...main,
    compressed: {
      ...main.compressed,
      ...klMetrics(tracks.kl.values, lengths),
      sameTop1: toMetric(sameTop1(tracks.sameTop.values, lengths)),
      deltaP: toMetric(deltaP(tracks.deltaP.values, lengths)),
      deltaPRms: toMetric(deltaPRms(tracks.deltaP.values, lengths)),
    },
    ...rest,
  };
}
