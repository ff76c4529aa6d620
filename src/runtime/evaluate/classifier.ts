import { throwIfCancelled } from '../../core/errors/lathe-error.ts';
import { compareLogits } from '../../core/kernels/compare-logits.ts';
import { accuracy, proportion } from '../../core/metrics/accuracy.ts';
import { agreement, flippedExamples } from '../../core/metrics/agreement.ts';
import { klMetrics } from '../../core/metrics/kl.ts';
import { pairedDifference } from '../../core/metrics/paired-difference.ts';
import type { Metrics } from '../../core/metrics/types.ts';
import { eachMeasured, MOST_EACH } from '../../core/report/each.ts';
import type { Answers } from '../../core/report/types.ts';
import { Growing } from './growing.ts';
import { exitsOf } from './exits.ts';
import { measuredOutputs, runScores, type Logits } from './logits.ts';
import { argmaxRows } from './rows.ts';
import type { Session } from '../types.ts';
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
  const start = clock();
  let runs = 0;
  for await (const batch of batches) {
    throwIfCancelled(hooks.signal);
    const scores = async (session: Session, outputs: readonly string[]) =>
      (await runScores(session, batch.feeds, outputs)).map((logits) => realRows(logits, batch));
    const found = await scores(model.session, names);
    const p = reference && (await scores(reference.session, reference.names))[0];
    found.forEach((q, i) => addBatch(tracks[i], p ?? q, q, batch.labels));
    runs++;
    hooks.progress?.(Math.min(1, tracks[answer].chosenQ.length / total));
  }
  const seconds = Math.max(clock() - start, 1e-3) / 1000;
  const n = tracks[answer].chosenQ.length;
  const found = tracks.map((track) => summary(track, original !== undefined));
  const exits = hooks.protocol === 'exits' && { exits: exitsOf(names, found) };
  return { ...found[answer], n, runs, tokensPerSecond: n / seconds, ...exits };
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

function summary(track: Track, compared: boolean): Summary {
  const { chosenP, chosenQ, labels, kl } = track;
  const labelled = labels.length === chosenQ.length && labels.length > 0;
  const right = (chosen: readonly number[]) =>
    Uint8Array.from(chosen, (value, i) => Number(value === labels[i]));
  const own: Metrics = labelled ? { accuracy: accuracy(right(chosenQ)) } : {};
  const each = labelled
    ? eachMeasured('accuracy', {
        compressed: right(chosenQ),
        ...(compared && { original: right(chosenP) }),
      })
    : compared && eachMeasured('kl', { compressed: kl.values });
  const one = each && { each };
  if (!compared) return { original: {}, compressed: own, difference: {}, ...one };
  // Examples are independent: each is a window of its own.
  const windows = new Array<number>(chosenQ.length).fill(1);
  const distance: Metrics = {
    ...klMetrics(kl.values, windows),
    agreement: agreement(chosenP, chosenQ),
  };
  return {
    original: labelled ? { accuracy: accuracy(right(chosenP)) } : {},
    compressed: { ...own, ...distance },
    difference: labelled
      ? { accuracy: pairedDifference(proportion(right(chosenP)), proportion(right(chosenQ))) }
      : {},
    flipped: flippedExamples(chosenP, chosenQ),
    ...one,
    ...answersOf(track, labelled),
  };
}

/** The chosen classes, for as many examples as a report holds. */
function answersOf(
  { chosenP, chosenQ, labels }: Track,
  labelled: boolean,
): { readonly answers?: Answers } {
  if (chosenQ.length > MOST_EACH) return {};
  const expected = labelled && { expected: labels };
  return { answers: { ...expected, original: chosenP, compressed: chosenQ } };
}
