import { describe, expect, it } from 'vitest';
import { encode } from '../../../test/support/methods.ts';
import { testHost } from '../../../test/support/sample.ts';
import { decoderFolder, tinyDecoder, wordText } from '../../../test/support/tiny-decoder.ts';
import { findLayers } from '../../core/anatomy/layers.ts';
import { writeEncodings, type EncodedLayer } from '../../core/encodings/index.ts';
import { roundToNearest } from '../../core/methods/quantization/round-to-nearest/round-to-nearest.ts';
import { meta } from '../../core/methods/quantization/round-to-nearest/meta.ts';
import { readWeight } from '../../core/methods/weight.ts';
import type { Model } from '../../core/onnx/types.ts';
import { parseObjective } from '../../core/recipe/objective.ts';
import { createNodeRuntime } from '../../runtime/ort-node.ts';
import { openModel } from '../model/open.ts';
import { readWritten } from '../model/written.ts';
import { runTrial } from '../run-trial.ts';
import { TrialStore } from '../trials/store.ts';

const FIXTURE = 'gpt2 plain, opset 13';
const SETTINGS = { steps: 30, batchSize: 4, validateEvery: 10, warmup: 2, learningRate: 0.02 };

/** Every product of the model rounded to 8 bits, as another sitting would have left it. */
async function quantized(model: Model, dynamic: boolean): Promise<Model> {
  const options = meta.options.parse({ bits: 8, blockSize: dynamic ? 'channel' : 32 });
  const chosen: EncodedLayer[] = [];
  for (const layer of findLayers(model)) {
    if (layer.op === 'Gather') continue;
    const { encoded } = await encode(
      roundToNearest,
      model,
      await readWeight(model, layer),
      options,
    );
    chosen.push({ layer, encoded, ...(dynamic && { input: { kind: 'dynamic' } }) });
  }
  return writeEncodings(model, chosen).model;
}

async function train(dynamic: boolean, method: string, options: object) {
  const file = await quantized(tinyDecoder(FIXTURE), dynamic);
  const open = await openModel(await decoderFolder(file));
  const objective = { version: 1, length: 12, method, options: { ...SETTINGS, ...options } };
  const recipe = parseObjective(objective, 'words.txt');
  const input = { open, recipe, calibration: wordText(600, 1), evaluation: wordText(300, 2) };
  const host = { ...testHost(), runtime: () => createNodeRuntime({ threads: 1 }) };
  const { id, report } = await runTrial(host, input, { progress: () => {} });
  const model = await readWritten(await new TrialStore(host.storage).written(id));
  return { open, report, model };
}

const types = ({ graph }: Model): ReadonlySet<string> =>
  new Set(graph.nodes.map(({ opType }) => opType));

describe('LoRA on a file that was quantized before', () => {
  it.each([
    ['MatMulNBits', false],
    ['MatMulInteger', true],
  ])(
    'learns over the frozen codes of %s and keeps them in the file',
    async (kernel, dynamic) => {
      const { open, report, model } = await train(dynamic, 'lora', { rank: 2, result: 'adapter' });
      expect(types(open.model)).toContain(kernel);
      const record = report?.training?.[0];
      expect(record?.end).toBe('finished');
      expect(record?.after.value).toBeLessThan(0.99 * (record?.before.value ?? 0));
      const { original, compressed } = report?.evaluation ?? {};
      expect(compressed?.perplexity?.value).toBeLessThan(original?.perplexity?.value ?? 0);
      expect(types(model)).toContain(kernel);
      const bytes = (name: string) =>
        model.graph.initializers.find((tensor) => tensor.name === name)?.data.read();
      for (const layer of open.anatomy.layers) {
        if (layer.stored === undefined) continue;
        const before = open.model.graph.initializers.find(({ name }) => name === layer.weight);
        expect(await bytes(layer.weight)).toEqual(await before?.data.read());
      }
    },
    60_000,
  );

  it('trains what is not quantized beside integer products', async () => {
    const { report, model } = await train(true, 'fine-tune', {});
    expect(report?.training?.[0].after.value).toBeLessThan(report?.training?.[0].before.value ?? 0);
    expect(types(model)).toContain('MatMulInteger');
  }, 60_000);
});
