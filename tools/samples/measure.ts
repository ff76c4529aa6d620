import * as ort from 'onnxruntime-web/wasm';
import type { ExampleDataset, TokenWindow } from '../../src/core/data/types.ts';
import { sliceExamples } from '../../src/core/data/examples.ts';
import { accuracy } from '../../src/core/metrics/accuracy.ts';
import { toMetric } from '../../src/core/metrics/estimate.ts';
import { perplexity } from '../../src/core/metrics/perplexity.ts';
import type { Metric } from '../../src/core/metrics/types.ts';

// One thread: the figures must not depend on the machine.
ort.env.wasm.numThreads = 1;

export interface LanguageFigures {
  readonly perplexity: Metric;
  readonly nllPerToken: number;
}

/** Perplexity of a language model on token windows, one window at a time. */
export async function measureLanguageModel(
  model: Uint8Array,
  windows: readonly TokenWindow[],
): Promise<LanguageFigures> {
  const session = await ort.InferenceSession.create(model);
  const nll: number[] = [];
  for (const window of windows) nll.push(...(await windowNll(session, window)));
  await session.release();
  const lengths = windows.map(({ ids, firstCounted }) => ids.length - firstCounted);
  const metric = toMetric(perplexity(nll, lengths));
  return { perplexity: metric, nllPerToken: Math.log(metric.value) };
}

async function windowNll(session: ort.InferenceSession, window: TokenWindow): Promise<number[]> {
  const ids = BigInt64Array.from(window.ids, (id) => BigInt(id));
  const input = new ort.Tensor('int64', ids, [1, ids.length]);
  const { logits } = await session.run({ input_ids: input });
  const values = logits.data as Float32Array;
  const width = logits.dims[2];
  return Array.from({ length: ids.length - window.firstCounted }, (_, index) => {
    const position = window.firstCounted + index;
    const row = values.subarray((position - 1) * width, position * width);
    return logSumExp(row) - row[window.ids[position]];
  });
}

function logSumExp(row: Float32Array): number {
  let top = -Infinity;
  for (const value of row) top = Math.max(top, value);
  let sum = 0;
  for (const value of row) sum += Math.exp(value - top);
  return top + Math.log(sum);
}

/** Share of examples whose largest logit is the label; `examples` as the model's input takes them. */
export async function measureClassifier(
  model: Uint8Array,
  examples: ExampleDataset,
): Promise<Metric> {
  const session = await ort.InferenceSession.create(model);
  const right: number[] = [];
  for (let from = 0; from < examples.count; from += 250) {
    const { arrays, labels = [] } = sliceExamples(examples, from, from + 250);
    const { data, dims } = arrays[session.inputNames[0]];
    const input = new ort.Tensor('float32', data as Float32Array, dims);
    const { logits } = await session.run({ [session.inputNames[0]]: input });
    right.push(...rightAnswers(logits.data as Float32Array, labels));
  }
  await session.release();
  return accuracy(right);
}

function rightAnswers(logits: Float32Array, labels: ArrayLike<number>): number[] {
  const classes = logits.length / labels.length;
  return Array.from(labels, (label, index) => {
    const row = logits.subarray(index * classes, (index + 1) * classes);
    return row.indexOf(Math.max(...row)) === label ? 1 : 0;
  });
}
