import * as ort from 'onnxruntime-web/wasm';
import { sliceExamples } from '../../../src/core/data/examples.ts';
import type { ExampleDataset } from '../../../src/core/data/types.ts';
import { accuracy } from '../../../src/core/metrics/accuracy.ts';
import type { Metric } from '../../../src/core/metrics/types.ts';

const BATCH = 50;

/** Share of mails whose larger score is the label's. */
export async function measureMail(model: Uint8Array, mails: ExampleDataset): Promise<Metric> {
  const session = await ort.InferenceSession.create(model);
  const right: number[] = [];
  for (let from = 0; from < mails.count; from += BATCH) {
    const { arrays, labels = [] } = sliceExamples(mails, from, from + BATCH);
    const feeds = session.inputNames.map((name) => {
      const { data, dims } = arrays[name];
      return [name, new ort.Tensor('int64', data as BigInt64Array, dims)] as const;
    });
    const { logits } = await session.run(Object.fromEntries(feeds));
    const scores = logits.data as Float32Array;
    right.push(
      ...Array.from(labels, (label, k) =>
        Number(Number(scores[2 * k + 1] > scores[2 * k]) === label),
      ),
    );
  }
  await session.release();
  return accuracy(right);
}
