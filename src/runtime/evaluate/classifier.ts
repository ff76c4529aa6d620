import { throwIfCancelled } from '../../core/errors/lathe-error.ts';
import { compareLogits } from '../../core/kernels/compare-logits.ts';
import { accuracy, proportion } from '../../core/metrics/accuracy.ts';
import { agreement, flippedExamples } from '../../core/metrics/agreement.ts';
import { klMetrics } from '../../core/metrics/kl.ts';
import { pairedDifference } from '../../core/metrics/paired-difference.ts';
import type { Metrics } from '../../core/metrics/types.ts';
import { eachMeasured, MOST_EACH } from '../../core/report/each.ts';
import type { Answers, EachMeasured } from '../../core/report/types.ts';
import { Growing } from './growing.ts';
import { exitsOf } from './exits.ts';
import { measuredOutputs, runScores, type Logits } from './logits.ts';
import { Rounds, type Found } from './rounds.ts';
import { argmaxRows } from './rows.ts';
import type { Session } from '../types.ts';
import type { Feeds } from '../values.ts';
import type { Contenders, Evaluation, EvaluationOptions, ExampleBatch } from './types.ts';

/** Chosen classes and distances, example by example. */
interface Track {
  readonly chosenP: number[];
  readonly chosenQ: number[];
  readonly labels: number[];
  readonly kl: Growing;
}

/**
 * Measures a classifier: accuracy where labels are known, and against an original KL, agreement and
 * the examples whose class changed. `total` examples, for progress.
 */
export async function evaluateClassifier(
  { original, model }: Contenders,
  batches: Iterable<ExampleBatch> | AsyncIterable<ExampleBatch>,
  total: number,
  hooks: EvaluationOptions = {},
): Promise<Evaluation> {
  const clock = hooks.clock ?? (() => performance.now());
  const { names, answer } = measuredOutputs(model, hooks.protocol);
  const reference = original && { ...original, ...measuredOutputs(original) };
  const tracks = names.map(newTrack);
  const compared = original !== undefined;
  const rounds = new Rounds(hooks, total, clock);
  const start = clock();
  let runs = 0;
  for await (const batch of batches) {
    throwIfCancelled(hooks.signal);
    const { feeds, own = feeds } = batch;
    const scores = async (session: Session, outputs: readonly string[], fed: Feeds) =>
      (await runScores(session, fed, outputs)).map((logits) => realRows(logits, batch));
    const found = await scores(model.session, names, own);
    const p = reference && (await scores(reference.session, reference.names, feeds))[0];
    found.forEach((q, i) => addBatch(tracks[i], p ?? q, q, batch.labels));
    runs++;
    const track = tracks[answer];
    if (rounds.over(track.chosenQ.length, () => mainMetrics(track, compared))) break;
  }
  const seconds = Math.max(clock() - start, 1e-3) / 1000;
  const n = tracks[answer].chosenQ.length;
  const found = tracks.map((track) => summary(track, compared));
  const exits = hooks.protocol === 'exits' && { exits: exitsOf(names, found) };
  const rate = { runs, tokensPerSecond: n / seconds, ...rounds.ending };
  return { ...found[answer], n, ...rate, ...exits };
}

function newTrack(): Track {
  return { chosenP: [], chosenQ: [], labels: [], kl: new Growing() };
}

function addBatch(track: Track, p: Logits, q: Logits, labels: Int32Array | undefined): void {
  const chosenP = argmaxRows(p);
  track.chosenP.push(...chosenP);
  track.chosenQ.push(...argmaxRows(q));
  if (labels) track.labels.push(...labels);
  if (p !== q) track.kl.push(compareLogits(p.values, q.values, q.rows, q.classes, chosenP).kl);
}

/** Scores without those of examples that only fill a batch up. */
function realRows(logits: Logits, { count, size }: ExampleBatch): Logits {
  if (size === undefined || size === count || logits.rows !== size) return logits;
  return { ...logits, rows: count, values: logits.values.subarray(0, count * logits.classes) };
}

type Summary = Pick<
  Evaluation,
  'original' | 'compressed' | 'difference' | 'flipped' | 'each' | 'answers'
>;

/** 1 for each example that was answered right, else 0; undefined without labels. */
function rightOf({ labels }: Track, chosen: readonly number[]): Uint8Array | undefined {
  if (labels.length !== chosen.length || labels.length === 0) return undefined;
  return Uint8Array.from(chosen, (value, i) => Number(value === labels[i]));
}

/** What matters most of {@link summary}, for as long as it goes on: quantiles take longer. */
function mainMetrics(track: Track, compared: boolean): Found {
  const { chosenP, chosenQ } = track;
  const [p, q] = [rightOf(track, chosenP), rightOf(track, chosenQ)];
  const own: Metrics = q ? { accuracy: accuracy(q) } : {};
  if (!compared) return { original: {}, compressed: own, difference: {} };
  return {
    original: p ? { accuracy: accuracy(p) } : {},
    compressed: { ...own, agreement: agreement(chosenP, chosenQ) },
    difference: p && q ? { accuracy: pairedDifference(proportion(p), proportion(q)) } : {},
  };
}

function summary(track: Track, compared: boolean): Summary {
  const { chosenP, chosenQ, kl } = track;
  const main = mainMetrics(track, compared);
  const each = eachExample(track, compared);
  const one = each && { each };
  if (!compared) return { ...main, ...one };
  // Examples are independent: each is a window of its own.
  const windows = new Array<number>(chosenQ.length).fill(1);
  const { agreement: agreed, ...own } = main.compressed;
  return {
    ...main,
    compressed: { ...own, ...klMetrics(kl.values, windows), ...(agreed && { agreement: agreed }) },
    flipped: flippedExamples(chosenP, chosenQ),
    ...one,
    ...answersOf(track),
  };
}

/** Whether each example was answered right; how far its scores moved, where that is not known. */
function eachExample(track: Track, compared: boolean): EachMeasured | undefined {
  const right = rightOf(track, track.chosenQ);
  if (right === undefined) {
    return compared ? eachMeasured('kl', { compressed: track.kl.values }) : undefined;
  }
  const original = compared ? rightOf(track, track.chosenP) : undefined;
  return eachMeasured('accuracy', { compressed: right, ...(original && { original }) });
}

/** The chosen classes, for as many examples as a report holds. */
function answersOf({ chosenP, chosenQ, labels }: Track): { readonly answers?: Answers } {
  if (chosenQ.length > MOST_EACH) return {};
  const expected = labels.length === chosenQ.length && { expected: labels };
  return { answers: { ...expected, original: chosenP, compressed: chosenQ } };
}
