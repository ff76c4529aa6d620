import { compareLogits } from '../../core/kernels/compare-logits.ts';
import { accuracy, proportion } from '../../core/metrics/accuracy.ts';
import { agreement, flippedExamples } from '../../core/metrics/agreement.ts';
import { klMetrics } from '../../core/metrics/kl.ts';
import { pairedDifference } from '../../core/metrics/paired-difference.ts';
import { eachMeasured } from '../../core/report/each.ts';
import { DataType } from '../../core/tensor/data-type.ts';
import type { Value } from '../../core/tensor/values.ts';
import type { Session } from '../types.ts';
import { Growing } from './growing.ts';
import { isFloat, runLogits, scoreOutput, type Logits } from './logits.ts';
import { argmaxRows } from './rows.ts';
import type { Found } from './rounds.ts';
import { runBatches, type Batches } from './run-batches.ts';
import type { Contenders, Evaluation, EvaluationOptions, ExampleBatch } from './types.ts';

interface Track {
  readonly rightP: number[];
  readonly rightQ: number[];
  readonly chosenP: number[];
  readonly chosenQ: number[];
  readonly kl: Growing;
}

/**
 * Measures a model that scores images (or sounds) against texts, whose examples are pairs: each image
 * chooses among the texts of its batch. Accuracy is how often it chooses its own, equal texts counting as
 * one; against an original KL over these texts and agreement, by pair.
 */
export async function evaluatePairs(
  { original, model }: Contenders,
  data: Batches,
  hooks: EvaluationOptions = {},
): Promise<Evaluation> {
  const track: Track = { rightP: [], rightQ: [], chosenP: [], chosenQ: [], kl: new Growing() };
  const output = pairOutput(model.session);
  const compared = original !== undefined;
  const addAnswers = async (batch: ExampleBatch): Promise<void> => {
    const q = await runLogits(model.session, batch.feeds, output);
    const p =
      original && (await runLogits(original.session, batch.feeds, pairOutput(original.session)));
    addBatch(track, p, q, batch);
  };
  const soFar = () => mainMetrics(track, compared);
  const runs = await runBatches(data, hooks, addAnswers, soFar);
  return { ...summary(track, compared), ...runs };
}

/** Scores with a row per image, by the names of CLIP's kin; else the first that is a matrix. */
export function pairOutput(session: Session): string {
  const floats = session.outputs.filter(isFloat);
  const named = floats.find(({ name }) => /^logits_per_(image|audio|video)$/.test(name));
  const matrix = floats.find(({ dims }) => dims.length === 2 && typeof dims[1] !== 'number');
  return (named ?? matrix)?.name ?? scoreOutput(session);
}

function addBatch(track: Track, p: Logits | undefined, q: Logits, batch: ExampleBatch): void {
  const { count } = batch;
  const same = equalTexts(batch);
  const answers = (logits: Logits) => Array.from(argmaxRows(square(logits, count)), (i) => same[i]);
  const right = (chosen: readonly number[]) => chosen.map((i, row) => Number(i === same[row]));
  const chosenQ = answers(q);
  track.chosenQ.push(...chosenQ);
  track.rightQ.push(...right(chosenQ));
  if (p === undefined) return;
  const chosenP = answers(p);
  track.chosenP.push(...chosenP);
  track.rightP.push(...right(chosenP));
  const [a, b] = [square(p, count), square(q, count)];
  if (count > 1) track.kl.push(compareLogits(a.values, b.values, count, count, chosenP).kl);
}

/** Scores without those of examples that only fill a batch up, which are behind the others. */
function square({ values, classes }: Logits, count: number): Logits {
  const kept = new Float32Array(count * count);
  for (let row = 0; row < count; row++) {
    kept.set(values.subarray(row * classes, row * classes + count), row * count);
  }
  return { values: kept, rows: count, classes: count };
}

/** For each text of a batch the first that has the same tokens. */
function equalTexts({ feeds, count }: ExampleBatch): number[] {
  const texts = Object.values(feeds).filter(
    ({ dataType, dims }) =>
      dims.length === 2 && (dataType === DataType.int64 || dataType === DataType.int32),
  );
  const first = new Map<string, number>();
  return Array.from({ length: count }, (_, row) => {
    const key = texts.map((value) => rowOf(value, row)).join(';');
    const found = first.get(key) ?? row;
    first.set(key, found);
    return found;
  });
}

function rowOf({ dims, data }: Value, row: number): string {
  const [, width] = dims;
  return data.subarray(row * width, (row + 1) * width).join(' ');
}

/** What matters most of {@link summary}, for as long as it goes on. */
function mainMetrics({ rightP, rightQ, chosenP, chosenQ }: Track, compared: boolean): Found {
  const own = { accuracy: accuracy(rightQ) };
  if (!compared) return { original: {}, compressed: own, difference: {} };
  return {
    original: { accuracy: accuracy(rightP) },
    compressed: { ...own, agreement: agreement(chosenP, chosenQ) },
    difference: { accuracy: pairedDifference(proportion(rightP), proportion(rightQ)) },
  };
}

function summary(
  track: Track,
  compared: boolean,
): Pick<Evaluation, 'original' | 'compressed' | 'difference' | 'flipped' | 'each'> {
  const { rightP, rightQ, chosenP, chosenQ, kl } = track;
  const main = mainMetrics(track, compared);
  // What is chosen among are the texts of a batch, no classes: there are no answers to keep.
  const each = eachMeasured('accuracy', {
    compressed: rightQ,
    ...(compared && { original: rightP }),
  });
  const one = each && { each };
  if (!compared) return { ...main, ...one };
  const windows = new Array<number>(kl.values.length).fill(1);
  return {
    ...main,
    compressed: {
      accuracy: accuracy(rightQ),
      ...(windows.length > 0 && klMetrics(kl.values, windows)),
      agreement: agreement(chosenP, chosenQ),
    },
    flipped: flippedExamples(chosenP, chosenQ),
    ...one,
  };
}
