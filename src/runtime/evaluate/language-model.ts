import type { TokenWindow } from '../../core/data/types.ts';
import { LatheError, throwIfCancelled } from '../../core/errors/lathe-error.ts';
import { compareLogits } from '../../core/kernels/compare-logits.ts';
import { negativeLogLikelihood } from '../../core/kernels/negative-log-likelihood.ts';
import { deltaP, deltaPRms } from '../../core/metrics/delta-p.ts';
import { toMetric } from '../../core/metrics/estimate.ts';
import { klMetrics } from '../../core/metrics/kl.ts';
import { pairedDifference } from '../../core/metrics/paired-difference.ts';
import { perplexity } from '../../core/metrics/perplexity.ts';
import { sameTop1 } from '../../core/metrics/same-top1.ts';
import { languageFeeds } from '../feeds.ts';
import type { Session } from '../types.ts';
import { Growing } from './growing.ts';
import { runLogits, scoreOutput, type Logits } from './logits.ts';
import type { Contenders, Evaluation, EvaluationHooks } from './types.ts';

type Track = 'nllP' | 'nllQ' | 'kl' | 'sameTop' | 'deltaP';

/**
 * Measures a language model on token windows, and its distance from the original on the original's
 * full logits. Both run on a window, its logits are compared and dropped: memory does not grow with
 * the data. Throws `logits-shape`, `index-out-of-range`, `vocabularies-differ`.
 */
export async function evaluateLanguageModel(
  { original, model }: Contenders,
  windows: readonly TokenWindow[],
  hooks: EvaluationHooks = {},
): Promise<Evaluation> {
  const clock = hooks.clock ?? (() => performance.now());
  const run = { model: runner(model), original: original && runner(original) };
  const tracks = newTracks();
  const start = clock();
  let tokens = 0;
  for (const [done, window] of windows.entries()) {
    throwIfCancelled(hooks.signal);
    const q = await run.model(window);
    scoreWindow(await run.original?.(window), q, window, tracks);
    tokens += window.ids.length;
    hooks.progress?.((done + 1) / windows.length);
  }
  const seconds = Math.max(clock() - start, 1e-3) / 1000;
  const lengths = windows.map(({ ids, firstCounted }) => ids.length - firstCounted);
  return {
    ...summary(tracks, lengths, original !== undefined),
    runs: windows.length,
    tokensPerSecond: tokens / seconds,
  };
}

function runner(session: Session): (window: TokenWindow) => Promise<Logits> {
  const output = scoreOutput(session);
  return async ({ ids }) => {
    const feeds = languageFeeds(session.inputs, { windows: [ids] });
    const logits = await runLogits(session, feeds, output);
    if (logits.rows !== ids.length) throw wrongRows(logits.rows, ids.length);
    return logits;
  };
}

/** Row t − 1 predicts token t. Views only: no logits are copied. */
function scoreWindow(
  p: Logits | undefined,
  q: Logits,
  { ids, firstCounted }: TokenWindow,
  tracks: Record<Track, Growing>,
): void {
  const { classes } = q;
  if (p !== undefined && p.classes !== classes) throw vocabulariesDiffer(p.classes, classes);
  const targets = ids.subarray(firstCounted);
  const outside = targets.find((id) => id < 0 || id >= classes);
  if (outside !== undefined) throw outsideVocabulary(outside, classes);
  const rows = (logits: Logits) =>
    logits.values.subarray((firstCounted - 1) * classes, (ids.length - 1) * classes);
  if (p === undefined) {
    tracks.nllQ.push(negativeLogLikelihood(rows(q), targets.length, classes, targets));
    return;
  }
  const compared = compareLogits(rows(p), rows(q), targets.length, classes, targets);
  for (const name of Object.keys(tracks) as Track[]) tracks[name].push(compared[name]);
}

function newTracks(): Record<Track, Growing> {
  return {
    nllP: new Growing(),
    nllQ: new Growing(),
    kl: new Growing(),
    sameTop: new Growing(),
    deltaP: new Growing(),
  };
}

function summary(
  tracks: Record<Track, Growing>,
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

function wrongRows(rows: number, tokens: number): LatheError {
  return new LatheError(
    'logits-shape',
    `The model gave ${rows} rows of scores for ${tokens} tokens, but perplexity needs one per token; export the model so that it returns the logits of all positions.`,
    { rows, tokens },
  );
}

function vocabulariesDiffer(original: number, model: number): LatheError {
  return new LatheError(
    'vocabularies-differ',
    `The original scores ${original} tokens and the model ${model}, so their predictions cannot be compared; give the original that this model was made from.`,
    { original, model },
  );
}

function outsideVocabulary(id: number, classes: number): LatheError {
  return new LatheError(
    'index-out-of-range',
    `The data holds the token ${id}, but the model scores tokens 0 to ${classes - 1}; the tokenizer does not fit this model.`,
    { id, classes },
  );
}
