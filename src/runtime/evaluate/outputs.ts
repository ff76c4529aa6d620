import { LatheError } from '../../core/errors/lathe-error.ts';
import { toMetric } from '../../core/metrics/estimate.ts';
import { relativeError, sqnr, squaredError } from '../../core/metrics/relative-error.ts';
import type { Metrics } from '../../core/metrics/types.ts';
import type { Value } from '../../core/tensor/values.ts';
import type { PortInfo, Session } from '../types.ts';
import { toFloats } from '../values.ts';
import { withOwnCaches } from '../cache-feeds.ts';
import { Embeddings } from './embeddings.ts';
import { Growing } from './growing.ts';
import { isFloat } from './logits.ts';
import type { Found } from './rounds.ts';
import { runBatches } from './run-batches.ts';
import type { Contenders, Evaluation, EvaluationOptions, ExampleBatch } from './types.ts';

interface OutputTrack {
  readonly errors: Growing;
  readonly signals: Growing;
}

/**
 * Distance of a model's outputs from the original's: relative L2 error and SQNR of each
 * floating-point output, by example. Encoders also get the cosine of their embedding (the output that is
 * called one, else the first; the mean over real positions where it has positions), and how well the order
 * of neighbours is kept. Throws `original-missing`.
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
  const names = commonOutputs(original, model, options.embeddings);
  const tracks = new Map(names.map((name) => [name, newTrack()]));
  const embeddings = options.embeddings ? new Embeddings() : undefined;
  const addOutputs = async (batch: ExampleBatch): Promise<void> => {
    const wanted = await original.run(batch.feeds, names);
    const found = await model.run(withOwnCaches(model.inputs, batch.feeds), names);
    for (const [name, track] of tracks) addErrors(track, wanted[name], found[name], batch);
    embeddings?.add(wanted[names[0]], found[names[0]], batch);
  };
  const soFar = () => mainMetrics(tracks.get(names[0]), embeddings);
  const runs = await runBatches({ batches, total }, options, addOutputs, soFar);
  return { ...summary(tracks, embeddings), ...runs };
}

function newTrack(): OutputTrack {
  return { errors: new Growing(), signals: new Growing() };
}

const EMBEDDING = /(^|_)(sentence|text|image|audio|video|query)?_?embed(ding|s)?s?$/;

/** Floating-point outputs of both, the one that is measured in front. */
function commonOutputs(original: Session, model: Session, embeddings: boolean): string[] {
  const given = new Set(model.outputs.filter(isFloat).map((port) => port.name));
  const common = original.outputs.filter((port) => isFloat(port) && given.has(port.name));
  const whole = ({ name, dims }: PortInfo) => dims.length === 2 && EMBEDDING.test(name);
  const first = embeddings ? common.find(whole) : undefined;
  const rest = common.filter((port) => port !== first);
  if (common.length > 0) return [...(first ? [first] : []), ...rest].map(({ name }) => name);
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

/** What matters most of {@link summary}, for as long as it goes on: neighbours take longer. */
function mainMetrics(track: OutputTrack | undefined, embeddings: Embeddings | undefined): Found {
  const error = track && toMetric(relativeError(track.errors.values, track.signals.values));
  const compressed = {
    ...(embeddings && { cosine: embeddings.cosine() }),
    ...(error && { relativeError: error }),
  };
  return { original: {}, compressed, difference: {} };
}

function summary(
  tracks: ReadonlyMap<string, OutputTrack>,
  embeddings: Embeddings | undefined,
): Pick<Evaluation, 'original' | 'compressed' | 'difference' | 'outputs' | 'each'> {
  const outputs = [...tracks].map(([name, { errors, signals }]) => ({
    name,
    relativeError: toMetric(relativeError(errors.values, signals.values)),
    sqnr: toMetric(sqnr(errors.values, signals.values)),
  }));
  const compressed: Metrics = {
    ...embeddings?.metrics(),
    relativeError: outputs[0].relativeError,
  };
  // A relative error is no mean over examples: only cosines are kept of each.
  const each = embeddings?.each();
  return { original: {}, compressed, difference: {}, outputs, ...(each && { each }) };
}

function originalMissing(): LatheError {
  return new LatheError(
    'original-missing',
    'This model has no labels and predicts no tokens, so it can only be compared with its original; give the original with --baseline.',
  );
}
