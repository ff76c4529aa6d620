import * as ort from 'onnxruntime-web/wasm';
import { parseDataset } from '../../../src/core/data/parse-dataset.ts';
import { numberClasses } from '../../../src/core/data/labels.ts';
import { accuracy } from '../../../src/core/metrics/accuracy.ts';
import type { Metric } from '../../../src/core/metrics/types.ts';
import { encodeWithin } from '../../../src/core/text/encode-within.ts';
import type { Tokenizer } from '../../../src/core/text/tokenizer.ts';
import { chunks } from '../values.ts';
import { CLASSES } from './mails.ts';

const BATCH = 50;

export interface Reading {
  readonly tokenizer: Tokenizer;
  /** Most tokens, special ones included. */
  readonly length: number;
}

/** Share of the mails of a table, as it is shipped, whose larger score is the label's. */
export async function measureMail(
  model: Uint8Array,
  table: string,
  { tokenizer, length }: Reading,
): Promise<Metric> {
  const dataset = parseDataset({ name: 'evaluation.csv', bytes: new TextEncoder().encode(table) });
  if (dataset.kind !== 'text') throw new Error('evaluation.csv holds no texts');
  const { documents, labels = [] } = numberClasses(dataset, CLASSES);
  const session = await ort.InferenceSession.create(model);
  const right: number[] = [];
  for (const part of chunks([...labels.keys()], BATCH)) {
    const ids = part.map((k) => encodeWithin(tokenizer, documents[k], length));
    const { logits } = await session.run(feedsOf(ids, length));
    const scores = logits.data as Float32Array;
    part.forEach((k, row) =>
      right.push(Number(Number(scores[2 * row + 1] > scores[2 * row]) === labels[k])),
    );
  }
  await session.release();
  return accuracy(right);
}

function feedsOf(rows: readonly Int32Array[], length: number): Record<string, ort.Tensor> {
  const filled = (value: (ids: Int32Array, t: number) => number) =>
    new ort.Tensor(
      'int64',
      BigInt64Array.from({ length: rows.length * length }, (_, at) =>
        BigInt(value(rows[Math.floor(at / length)], at % length)),
      ),
      [rows.length, length],
    );
  return {
    input_ids: filled((ids, t) => ids[t] ?? 0),
    attention_mask: filled((ids, t) => (t < ids.length ? 1 : 0)),
  };
}
