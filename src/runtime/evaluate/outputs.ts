import { LatheError, throwIfCancelled } from '../../core/errors/lathe-error.ts';
import { cosineSimilarity, meanCosine } from '../../core/metrics/cosine.ts';
import { toMetric } from '../../core/metrics/estimate.ts';
import { relativeError, sqnr, squaredError } from '../../core/metrics/relative-error.ts';
import type { Metrics } from '../../core/metrics/types.ts';
import type { Value } from '../../core/tensor/values.ts';
import type { Session } from '../types.ts';
import { toFloats } from '../values.ts';
import { Growing } from './growing.ts';
import { isFloat } from './logits.ts';
import type { Contenders, Evaluation, EvaluationOptions, ExampleBatch } from './types.ts';

interface OutputTrack {
  readonly errors: Growing;
  readonly signals: Growing;
}

/**
 * Distance of a model's outputs from the original's: relative L2 error and SQNR of each
 * floating-point output, by example. Encoders also get the cosine of their embedding: the first
 * output, mean over real positions where it has positions. Throws `original-missing`.
 */
export async function evaluateOutputs(
  contenders: Contenders,
  batches: Iterable<ExampleBatch> | AsyncIterable<ExampleBatch>,
  total: number,
  options: EvaluationOptions & { readonly embeddings: boolean },
): Promise<Evaluation> {
  const model = contenders.model.session;
  const original = contenders.original?.session;
  if (original === undefined) throw originalMissing();
  const clock = options.clock ?? (() => performance.now());
  const names = commonOutputs(original, model);
  const tracks = new Map(names.map((name) => [name, newTrack()]));
  const cosines = new Growing();
  const start = clock();
  let [runs, n] = [0, 0];
  for await (const batch of batches) {
    throwIfCancelled(options.signal);
    const wanted = await original.run(batch.feeds, names);
    const found = await model.run(batch.feeds, names);
    for (const [name, track] of tracks) addErrors(track, wanted[name], found[name], batch);
    if (options.embeddings) cosines.push(cosinesOf(wanted[names[0]], found[names[0]], batch));
    runs++;
    n += batch.count;
    options.progress?.(Math.min(1, n / total));
  }
  const seconds = Math.max(clock() - start, 1e-3) / 1000;
  return { ...summary(tracks, cosines, options.embeddings), n, runs, tokensPerSecond: n / seconds };
}

function newTrack(): OutputTrack {
  return { errors: new Growing(), signals: new Growing() };
}

function commonOutputs(original: Session, model: Session): string[] {
  const given = new Set(model.outputs.filter(isFloat).map((port) => port.name));
  const names = original.outputs.filter(isFloat).map((port) => port.name);
  const common = names.filter((name) => given.has(name));
  if (common.length > 0) return common;
  throw new LatheError(
    'outputs-differ',
    'The original and the model share no floating-point output, so they cannot be compared; give the original that this model was made from.',
  );
}

/** One squared error and signal per example; an output without a batch dimension is one example. */
function addErrors(track: OutputTrack, wanted: Value, found: Value, batch: ExampleBatch): void {
  const [a, b] = [toFloats(wanted), toFloats(found)];
  const { count, size: run = count } = batch;
  const [examples, real] = wanted.dims[0] === run ? [run, count] : [1, 1];
  const size = a.length / examples;
  for (let e = 0; e < real; e++) {
    const { error, signal } = squaredError(
      a.subarray(e * size, (e + 1) * size),
      b.subarray(e * size, (e + 1) * size),
    );
    track.errors.push([error]);
    track.signals.push([signal]);
  }
}

function cosinesOf(wanted: Value, found: Value, batch: ExampleBatch): number[] {
  const { count, size = count, mask } = batch;
  const [a, b] = [embeddings(wanted, size, mask), embeddings(found, size, mask)];
  return a.slice(0, count).map((vector, e) => cosineSimilarity(vector, b[e]));
}

/** One vector per example: rows of the same example are averaged, padding left out. */
function embeddings({ dims, data, dataType }: Value, count: number, mask?: Uint8Array) {
  const values = toFloats({ dims, data, dataType });
  const width = dims.at(-1) ?? 1;
  const positions = values.length / (count * width);
  const counts = mask?.length === count * positions ? mask : undefined;
  return Array.from({ length: count }, (_, e) => {
    const sum = new Float64Array(width);
    for (let row = e * positions; row < (e + 1) * positions; row++) {
      if (counts?.[row] === 0) continue;
      for (let c = 0; c < width; c++) sum[c] += values[row * width + c];
    }
    return sum;
  });
}

function summary(
  tracks: ReadonlyMap<string, OutputTrack>,
  cosines: Growing,
  withCosine: boolean,
): Pick<Evaluation, 'original' | 'compressed' | 'difference' | 'outputs'> {
  const outputs = [...tracks].map(([name, { errors, signals }]) => ({
    name,
    relativeError: toMetric(relativeError(errors.values, signals.values)),
    sqnr: toMetric(sqnr(errors.values, signals.values)),
  }));
  const compressed: Metrics = {
    ...(withCosine && { cosine: toMetric(meanCosine(cosines.values)) }),
    relativeError: outputs[0].relativeError,
  };
  return { original: {}, compressed, difference: {}, outputs };
}

function originalMissing(): LatheError {
  return new LatheError(
    'original-missing',
    'This model has no labels and predicts no tokens, so it can only be compared with its original; give the original with --baseline.',
  );
}
