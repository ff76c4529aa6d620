import type * as ort from 'onnxruntime-node';
import { open, logProbabilities } from './independent.ts';
import { readNpz } from './npz.ts';

/** Accuracy where there is a label per example, perplexity where there is one per position. */
export interface ByLabels {
  readonly accuracy?: number;
  readonly perplexity?: number;
}

/** Labelled arrays through plain onnxruntime, all examples at once, scored by hand. */
export async function labelsIndependently(model: string, data: string): Promise<ByLabels> {
  const { labels, ...feeds } = await readNpz(data);
  const session = await open(model);
  const { logits } = await session.run(feeds, ['logits']);
  await session.release();
  const wanted = Array.from(labels.data as BigInt64Array, Number);
  return labels.dims.length === 1 ? accuracy(logits, wanted) : perplexity(logits, wanted);
}

function rowsOf(logits: ort.Tensor): { values: Float32Array; classes: number } {
  return { values: logits.data as Float32Array, classes: logits.dims[logits.dims.length - 1] };
}

function accuracy(logits: ort.Tensor, wanted: readonly number[]): ByLabels {
  const rows = rowsOf(logits);
  const right = wanted.filter((label, row) => {
    const p = logProbabilities(rows, row);
    return p.every((value) => value <= p[label]);
  });
  return { accuracy: right.length / wanted.length };
}

/** Positions with a negative label are padding. */
function perplexity(logits: ort.Tensor, wanted: readonly number[]): ByLabels {
  const rows = rowsOf(logits);
  const scored = wanted.flatMap((label, row) =>
    label < 0 ? [] : -logProbabilities(rows, row)[label],
  );
  return { perplexity: Math.exp(scored.reduce((a, b) => a + b, 0) / scored.length) };
}
