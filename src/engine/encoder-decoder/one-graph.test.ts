import { describe, expect, it } from 'vitest';
import { buildWhisper } from '../../../test/fixtures/layouts/whisper.ts';
import { recipe, testHost } from '../../../test/support/sample.ts';
import type { ExampleDataset } from '../../core/data/types.ts';
import { bytesSource } from '../../core/onnx/source.ts';
import { writeModel } from '../../core/onnx/write.ts';
import { seededRandom } from '../../core/random/seeded.ts';
import { parseObjective } from '../../core/recipe/objective.ts';
import { DataType } from '../../core/tensor/data-type.ts';
import { generate } from '../../runtime/generate.ts';
import { createNodeRuntime } from '../../runtime/ort-node.ts';
import { makeValue } from '../../runtime/values.ts';
import { openModel } from '../model/open.ts';
import { runTrial } from '../run-trial.ts';
import { dataSources, sequencePairs } from './pairs.ts';
import { readerFor, withWriter, writing } from './write.ts';

const runtime = await createNodeRuntime({ threads: 1 });
const host = () => ({ ...testHost(), runtime: () => Promise.resolve(runtime) });

/** Features of sound and a decoder's tokens go into one graph. */
async function opened() {
  const json = {
    decoder_start_token_id: 0,
    pad_token_id: 0,
    vocab_size: 45,
    max_target_positions: 16,
  };
  const files = {
    'model.onnx': await writeModel(buildWhisper({ norm: 'operator', opset: 17 })),
    'config.json': new TextEncoder().encode(JSON.stringify(json)),
  };
  const entries = Object.entries(files);
  return openModel({
    name: 'one-graph',
    origin: 'file',
    files: entries.map(([path, bytes]) => ({ path, source: bytesSource(bytes) })),
  });
}

function sounds(count: number, seed: number): ExampleDataset {
  const random = seededRandom(seed, 'sounds');
  let last = 0;
  const token = (index: number) =>
    (last = index % 8 === 0 ? 0 : 2 + ((3 * last + Math.floor(2 * random.next())) % 43));
  return {
    kind: 'examples',
    name: 'sounds.npz',
    count,
    arrays: {
      input_features: makeValue(DataType.float32, [count, 6, 10], () => random.next()),
      decoder_input_ids: makeValue(DataType.int64, [count, 8], token),
    },
  };
}

describe('an encoder-decoder in one graph', () => {
  it('is measured on pairs as one in two files', async () => {
    const open = await opened();
    expect(open.task).toBe('sequence-to-sequence');
    const [calibration, evaluation] = [sounds(12, 1), sounds(5, 2)];
    const steps = recipe({ method: 'gptq', target: 'all', options: { bits: 4, blockSize: 16 } });
    const input = { open, recipe: steps, calibration, evaluation };
    const { report } = await runTrial(host(), input, { progress: () => {} });
    const session = await runtime.open(open.model);
    const { logits } = await session.run(evaluation.arrays, ['logits']);
    const ids = Array.from(evaluation.arrays['decoder_input_ids'].data, Number);
    const values = logits.data as Float32Array;
    const losses = ids.flatMap((_, at) => {
      if (at % 8 === 7) return [];
      const row = Array.from(values.subarray(at * 45, (at + 1) * 45));
      const sum = row.reduce((total, score) => total + Math.exp(score), 0);
      return Math.log(sum) - row[ids[at + 1]];
    });
    const mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
    expect(report?.evaluation?.original.perplexity?.n).toBe(35);
    expect(report?.evaluation?.original.perplexity?.value).toBeCloseTo(Math.exp(mean), 3);
    expect(report?.evaluation?.compressed.kl?.value).toBeGreaterThan(0);
    expect(report?.layers.filter((l) => l.baselineRelativeError !== undefined)).not.toHaveLength(0);
  }, 60_000);

  it('is trained, and writes', async () => {
    const open = await opened();
    const options = {
      steps: 30,
      batchSize: 4,
      validateEvery: 15,
      warmup: 2,
      learningRate: 0.02,
      rank: 4,
    };
    const objective = parseObjective(
      { version: 1, length: 8, method: 'lora', options },
      'sounds.npz',
    );
    const input = {
      open,
      recipe: objective,
      calibration: sounds(40, 1),
      evaluation: sounds(40, 1),
    };
    const { report } = await runTrial(host(), input, { progress: () => {} });
    const [record] = report?.training ?? [];
    expect(record?.after.value).toBeLessThan(record?.before.value ?? 0);
    const [source] = await dataSources(open, sounds(1, 3), 1);
    const { prompt, options: writes } = await writing(open, 6);
    const written = await withWriter(open, runtime, async (writer) =>
      generate(await readerFor(writer, source), prompt, writes),
    );
    expect(written).toHaveLength(6);
    expect((await sequencePairs(open, sounds(2, 1)))?.pairs[0].states).toHaveProperty(
      'input_features',
    );
  }, 60_000);
});
