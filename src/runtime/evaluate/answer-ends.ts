import { LatheError } from '../../core/errors/lathe-error.ts';
import { compareLogits } from '../../core/kernels/compare-logits.ts';
import { agreement, flippedExamples } from '../../core/metrics/agreement.ts';
import { klMetrics } from '../../core/metrics/kl.ts';
import { eachMeasured } from '../../core/report/each.ts';
import type { Session } from '../types.ts';
import { Growing } from './growing.ts';
import { isFloat, runScores, type Logits } from './logits.ts';
import { argmaxRows, pickRows } from './rows.ts';
import type { Found } from './rounds.ts';
import { runBatches, type Batches } from './run-batches.ts';
import type { Contenders, Evaluation, EvaluationOptions, ExampleBatch } from './types.ts';

/** Where each model lets the answers begin and end, and how far the scores of the two ends moved. */
interface Track {
  readonly chosenP: string[];
  readonly chosenQ: string[];
  readonly kl: Growing;
}

/**
 * Measures a model that scores every token as the start and as the end of an answer, against its original:
 * how often both ends stay where they were, and KL over positions, of start and end together. Padding does
 * not count. Throws `original-missing`, `no-scores`.
 */
export async function evaluateAnswerEnds(
  { original, model }: Contenders,
  data: Batches,
  hooks: EvaluationOptions = {},
): Promise<Evaluation> {
  if (original === undefined) throw originalMissing();
  const track: Track = { chosenP: [], chosenQ: [], kl: new Growing() };
  const [own, reference] = [model, original].map(({ session }) => endOutputs(session));
  const addAnswers = async (batch: ExampleBatch): Promise<void> => {
    const q = await runScores(model.session, batch.feeds, own);
    const p = await runScores(original.session, batch.feeds, reference);
    addBatch(track, p, q, batch);
  };
  const soFar = () => mainMetrics(track);
  const runs = await runBatches(data, hooks, addAnswers, soFar);
  const { chosenP, chosenQ, kl } = track;
  const windows = new Array<number>(kl.values.length).fill(1);
  // Where answers begin and end are places in texts, no classes: only KL is kept of each.
  const each = eachMeasured('kl', { compressed: kl.values });
  return {
    original: {},
    compressed: { ...klMetrics(kl.values, windows), agreement: agreement(chosenP, chosenQ) },
    difference: {},
    flipped: flippedExamples(chosenP, chosenQ),
    ...(each && { each }),
    ...runs,
  };
}

function mainMetrics({ chosenP, chosenQ }: Track): Found {
  return { original: {}, compressed: { agreement: agreement(chosenP, chosenQ) }, difference: {} };
}

/** The outputs called something with "start" and "end". */
function endOutputs(session: Session): string[] {
  const names = session.outputs.filter(isFloat).map(({ name }) => name);
  const ends = [/start/, /end/].flatMap((word) => names.find((name) => word.test(name)) ?? []);
  if (ends.length === 2) return ends;
  throw new LatheError(
    'no-scores',
    'The model has no two outputs that score the start and the end of an answer, so its answers cannot be compared; choose another task for it.',
  );
}

function addBatch(
  track: Track,
  p: readonly Logits[],
  q: readonly Logits[],
  { count, mask }: ExampleBatch,
): void {
  for (let e = 0; e < count; e++) {
    const [a, b] = [p, q].map((ends) => ends.map((scores) => realScores(scores, e, mask)));
    track.chosenP.push(placesOf(a));
    track.chosenQ.push(placesOf(b));
    const distances = a.map((start, i) => {
      const { values, classes } = b[i];
      return compareLogits(start.values, values, 1, classes, argmaxRows(start)).kl[0];
    });
    track.kl.push([distances.reduce((sum, distance) => sum + distance, 0)]);
  }
}

/** One example's scores of the positions that are no padding, as a row. */
function realScores({ values, classes }: Logits, example: number, mask?: Uint8Array): Logits {
  const own = values.subarray(example * classes, (example + 1) * classes);
  const counted = Array.from(own, (_, at) => at).filter(
    (at) => mask?.[example * classes + at] !== 0,
  );
  const column = pickRows({ values: own, rows: classes, classes: 1 }, counted);
  return { values: column.values, rows: 1, classes: counted.length };
}

function placesOf(ends: readonly Logits[]): string {
  return ends.map((scores) => argmaxRows(scores)[0]).join(' ');
}

function originalMissing(): LatheError {
  return new LatheError(
    'original-missing',
    'Where answers begin and end can only be compared with an original; give the original with --baseline.',
  );
}
