import { NO_LABEL, type PositionLabels } from '../../core/data/position-labels.ts';
import { LatheError } from '../../core/errors/lathe-error.ts';
import { compareLogits } from '../../core/kernels/compare-logits.ts';
import { clusteredShare, shareMetric } from '../../core/metrics/clustered-share.ts';
import { meanByWindow, type Estimate } from '../../core/metrics/estimate.ts';
import { klMetrics } from '../../core/metrics/kl.ts';
import { pairedDifference } from '../../core/metrics/paired-difference.ts';
import { countSpans, spanF1, tagsSpans } from '../../core/metrics/spans.ts';
import type { Metrics } from '../../core/metrics/types.ts';
import { eachWindow } from '../../core/report/each.ts';
import type { EachMeasured } from '../../core/report/types.ts';
import { runLogits, scoreOutput, type Logits } from './logits.ts';
import { Growing } from './growing.ts';
import { argmaxRows, checkClasses, pickRows } from './rows.ts';
import type { Found } from './rounds.ts';
import { runBatches, type Batches } from './run-batches.ts';
import type { Contenders, Evaluation, EvaluationOptions, ExampleBatch } from './types.ts';

/** What was chosen at every position that counts, example by example. */
interface Track {
  readonly chosenP: Int32Array[];
  readonly chosenQ: Int32Array[];
  /** As long as the others where there are labels. */
  readonly labels: Int32Array[];
  readonly kl: Growing;
}

/**
 * Measures a model that tells classes at every position. Where there are labels, the positions that have
 * one count, else all that are no padding: accuracy of labels, and against an original KL and agreement,
 * both by position with examples as clusters. `names` of classes in BIO or its kin add F₁ of whole spans,
 * against labels and against the original. Throws `data-label-positions`, `classes-differ`.
 */
export async function evaluateTokenClassifier(
  { original, model }: Contenders,
  data: Batches & { readonly names?: readonly string[] },
  hooks: EvaluationOptions = {},
): Promise<Evaluation> {
  const track: Track = { chosenP: [], chosenQ: [], labels: [], kl: new Growing() };
  const output = model.outputs?.[0] ?? scoreOutput(model.session);
  const reference = original && (original.outputs?.[0] ?? scoreOutput(original.session));
  const addAnswers = async (batch: ExampleBatch): Promise<void> => {
    const q = await runLogits(model.session, batch.feeds, output);
    const p =
      original && reference !== undefined
        ? await runLogits(original.session, batch.feeds, reference)
        : undefined;
    if (p !== undefined) checkClasses(p.classes, q.classes);
    addBatch(track, p, q, batch);
  };
  const compared = original !== undefined;
  const soFar = () => mainMetrics(track, compared);
  const runs = await runBatches(data, hooks, addAnswers, soFar);
  return { ...summary(track, compared, data.names), ...runs };
}

function addBatch(track: Track, p: Logits | undefined, q: Logits, batch: ExampleBatch): void {
  const { count, size = count, mask, positionLabels: labels } = batch;
  const positions = q.rows / size;
  if (labels !== undefined) checkPositions(labels, positions);
  const real = mask?.length === q.rows ? mask : undefined;
  for (let e = 0; e < count; e++) {
    const counted = Array.from({ length: positions }, (_, at) => at).filter((at) =>
      labels === undefined ? real?.[e * positions + at] !== 0 : labelAt(labels, e, at) !== NO_LABEL,
    );
    const rows = counted.map((at) => e * positions + at);
    if (rows.length === 0) continue;
    addExample(track, p && pickRows(p, rows), pickRows(q, rows));
    if (labels) track.labels.push(Int32Array.from(counted, (at) => labelAt(labels, e, at)));
  }
}

/** Behind the data's own width lies padding. */
function labelAt({ width, values }: PositionLabels, example: number, at: number): number {
  return at < width ? values[example * width + at] : NO_LABEL;
}

function addExample(track: Track, p: Logits | undefined, q: Logits): void {
  const chosen = argmaxRows(q);
  track.chosenQ.push(chosen);
  if (p === undefined) return;
  const chosenP = argmaxRows(p);
  track.chosenP.push(chosenP);
  track.kl.push(compareLogits(p.values, q.values, q.rows, q.classes, chosenP).kl);
}

type Summary = Pick<Evaluation, 'original' | 'compressed' | 'difference' | 'flipped' | 'each'>;

/** What matters most of {@link summary}, for as long as it goes on. */
function mainMetrics({ chosenP, chosenQ, labels }: Track, compared: boolean): Found {
  if (chosenQ.length === 0) return { original: {}, compressed: {}, difference: {} };
  const lengths = chosenQ.map(({ length }) => length);
  const labelled = labels.length > 0 ? labels : undefined;
  const own = labelled && against(labelled, chosenQ, lengths, undefined);
  if (!compared) return { original: {}, compressed: own?.metrics ?? {}, difference: {} };
  const before = labelled && against(labelled, chosenP, lengths, undefined);
  const agreement = clusteredShare(equal(chosenP, chosenQ), lengths);
  return {
    original: before?.metrics ?? {},
    compressed: { ...own?.metrics, agreement },
    difference: before && own ? differences(before, own) : {},
  };
}

function summary(
  { chosenP, chosenQ, labels, kl }: Track,
  compared: boolean,
  names: readonly string[] | undefined,
): Summary {
  if (chosenQ.length === 0) throw nothingCounts();
  const lengths = chosenQ.map(({ length }) => length);
  const tags = names !== undefined && tagsSpans(names) ? names : undefined;
  const labelled = labels.length > 0 ? labels : undefined;
  const own = labelled && against(labelled, chosenQ, lengths, tags);
  const each = eachExample({ chosenP, chosenQ, labels, kl }, compared, lengths);
  const one = each && { each };
  if (!compared) return { original: {}, compressed: own?.metrics ?? {}, difference: {}, ...one };
  const before = labelled && against(labelled, chosenP, lengths, tags);
  const spans = tags && spansBetween(chosenP, chosenQ, tags);
  const distance: Metrics = {
    ...klMetrics(kl.values, lengths),
    agreement: clusteredShare(equal(chosenP, chosenQ), lengths),
    ...(spans && { spanAgreement: shareMetric(spans, lengths.length) }),
  };
  return {
    original: before?.metrics ?? {},
    compressed: { ...own?.metrics, ...distance },
    difference: before && own ? differences(before, own) : {},
    flipped: chosenQ.flatMap((tagged, e) =>
      tagged.every((value, at) => value === chosenP[e][at]) ? [] : [e],
    ),
    ...one,
  };
}

/**
 * The share of labels each example has right, else its mean KL. F₁ of spans is left out, because it is no mean over
 * examples; what was chosen at every position too, because there are too many.
 */
function eachExample(
  { chosenP, chosenQ, labels, kl }: Track,
  compared: boolean,
  lengths: readonly number[],
): EachMeasured | undefined {
  if (labels.length === 0) {
    return compared ? eachWindow('kl', { compressed: kl.values }, lengths) : undefined;
  }
  const right = (chosen: readonly Int32Array[]) => equal(labels, chosen);
  const original = compared && { original: right(chosenP) };
  return eachWindow('accuracy', { compressed: right(chosenQ), ...original }, lengths);
}

/** How one model does against labels, with what differences are taken of. */
interface Judged {
  readonly metrics: Metrics;
  readonly accuracy: Estimate;
  readonly spanF1?: Estimate;
}

function against(
  labels: readonly Int32Array[],
  chosen: readonly Int32Array[],
  lengths: readonly number[],
  tags: readonly string[] | undefined,
): Judged {
  const right = equal(labels, chosen);
  const spans = tags && spansBetween(labels, chosen, tags);
  const metrics = {
    accuracy: clusteredShare(right, lengths),
    ...(spans && { spanF1: shareMetric(spans, lengths.length) }),
  };
  return { metrics, accuracy: meanByWindow(right, lengths), ...(spans && { spanF1: spans }) };
}

function differences(before: Judged, own: Judged): Metrics {
  return {
    accuracy: pairedDifference(before.accuracy, own.accuracy),
    ...(before.spanF1 && own.spanF1 && { spanF1: pairedDifference(before.spanF1, own.spanF1) }),
  };
}

function equal(a: readonly Int32Array[], b: readonly Int32Array[]): Uint8Array {
  return Uint8Array.from(
    a.flatMap((row, e) => Array.from(row, (value, at) => Number(value === b[e][at]))),
  );
}

function spansBetween(
  wanted: readonly Int32Array[],
  found: readonly Int32Array[],
  tags: readonly string[],
): Estimate | undefined {
  const named = (row: Int32Array) => Array.from(row, (value) => tags.at(value) ?? '');
  return spanF1(wanted.map((row, e) => countSpans(named(row), named(found[e]))));
}

function checkPositions({ width }: PositionLabels, positions: number): void {
  if (positions <= width) return;
  throw new LatheError(
    'data-label-positions',
    `The data has labels for ${width} positions of an example and the model scores ${positions}, so they do not belong to each other; give one label for each position that the model scores.`,
    { labels: width, positions },
  );
}

function nothingCounts(): LatheError {
  return new LatheError(
    'data-label-none',
    'No position of the data counts, because all are padding or have the label −100, so nothing can be measured; give labels from 0 at the positions that count.',
  );
}
