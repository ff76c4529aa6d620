import type { TokenWindow } from '../../core/data/types.ts';
import { throwIfCancelled } from '../../core/errors/lathe-error.ts';
import { deltaP, deltaPRms } from '../../core/metrics/delta-p.ts';
import { toMetric } from '../../core/metrics/estimate.ts';
import { klMetrics } from '../../core/metrics/kl.ts';
import { pairedDifference } from '../../core/metrics/paired-difference.ts';
import { perplexity } from '../../core/metrics/perplexity.ts';
import { sameTop1 } from '../../core/metrics/same-top1.ts';
import { eachWindow } from '../../core/report/each.ts';
import { cacheOf } from '../cache-ports.ts';
import { inOwnTokens } from './columns.ts';
import { exitsOf } from './exits.ts';
import { measuredOutputs } from './logits.ts';
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
  let [tokens, done] = [0, 0];
  for (const group of groupsOf(scored, readers)) {
    throwIfCancelled(hooks.signal);
    const mine = group.map(own);
    const found = await reader.read(mine);
    const wanted = await reference?.read(group);
    for (const [row, window] of group.entries()) {
      const one = { data: window, own: mine[row], columns: model.columns };
      found[row].forEach((q, i) => scoreWindow(wanted?.[row][0], q, one, tracks[i]));
      tokens += window.ids.length;
    }
    hooks.progress?.((done += group.length) / scored.length);
  }
  const seconds = Math.max(clock() - start, 1e-3) / 1000;
  const lengths = scored.map(({ ids, firstCounted }) => ids.length - firstCounted);
  const found = tracks.map((track) => summary(track, lengths, original !== undefined));
  const exits = hooks.protocol === 'exits' && { exits: exitsOf(names, found) };
  const rate = { runs: scored.length, tokensPerSecond: tokens / seconds };
  return { ...found[answer], ...rate, ...exits, ...(primed && { primed }) };
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

/** What the tracks of windows of these lengths come to. */
export function summary(
  tracks: Tracks,
  lengths: readonly number[],
  compared: boolean,
): Pick<Evaluation, 'original' | 'compressed' | 'difference' | 'n' | 'each'> {
  const found = perplexity(tracks.nllQ.values, lengths);
  const n = tracks.nllQ.values.length;
  const losses = {
    compressed: tracks.nllQ.values,
    ...(compared && { original: tracks.nllP.values }),
  };
  const each = eachWindow('perplexity', losses, lengths);
  const rest = { n, ...(each && { each }) };
  if (!compared) {
    return { original: {}, compressed: { perplexity: toMetric(found) }, difference: {}, ...rest };
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
    ...rest,
  };
}
