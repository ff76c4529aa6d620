import { describe, expect, it } from 'vitest';
import { adapted, mergedModel } from '../../../test/support/adapted.ts';
import { distance, longs, runModel } from '../../../test/support/run-model.ts';
import { storiesModel } from '../../../test/support/stories.ts';
import { LatheError } from '../errors/lathe-error.ts';
import { readAdapters } from '../methods/tuning/lora/merge.ts';
import type { Model } from '../onnx/types.ts';
import { findAdapters, withoutAdapters } from './find.ts';
import { peftFiles } from './peft.ts';
import { readSafetensors, writeSafetensors } from './safetensors.ts';

const { model, anatomy } = storiesModel();
const layers = anatomy.layers.filter(({ op }) => op === 'MatMul');
const SHAPE = { rank: 4, alpha: 8 };
const feeds = { input_ids: longs([1, 12], [1, 403, 407, 261, 378, 57, 300, 9, 77, 12, 401, 5]) };

/** The stories model with adapters beside all its products, B filled as if it had been trained. */
const stories = () => adapted(model, layers, SHAPE);

const logits = async (m: Model) => (await runModel(m, feeds)).get('logits');

describe('an adapter in the graph', () => {
  it('changes nothing before it is trained, nor when it is switched off', async () => {
    const { fresh, trained } = stories();
    const base = await logits(model);
    expect(distance(await logits(fresh), base)).toBe(0);
    expect(distance(await logits(withoutAdapters(trained)), base)).toBe(0);
    expect(distance(await logits(trained), base)).toBeGreaterThan(0.01);
  });

  it('leaves the bytes of the base alone', () => {
    const { trained } = stories();
    const kept = new Map(trained.graph.initializers.map((tensor) => [tensor.name, tensor]));
    for (const tensor of model.graph.initializers) expect(kept.get(tensor.name)).toBe(tensor);
  });

  it('merges into the weights to float32 rounding', async () => {
    const { trained, adapters } = stories();
    const merged = await mergedModel(model, trained, adapters, 2);
    expect(merged.graph.nodes).toEqual(model.graph.nodes);
    expect(distance(await logits(merged), await logits(trained))).toBeLessThan(1e-4);
  });
});

describe('PEFT files', () => {
  it('hold A as [r, in] and B as [out, r], and r, alpha and modules', async () => {
    const { trained, adapters } = stories();
    const { weights, config } = await peftFiles(trained, 'stories', 'CAUSAL_LM');
    expect(JSON.parse(config)).toMatchObject({ peft_type: 'LORA', r: 4, lora_alpha: 8 });
    const tensors = new Map(readSafetensors(weights).map((tensor) => [tensor.name, tensor]));
    expect(tensors.size).toBe(2 * layers.length);
    const [{ layer, a, rank }] = await readAdapters(trained, adapters);
    const name = `base_model.model.${layer.name.replace('.weight', '')}.lora_A.weight`;
    const found = tensors.get(name);
    expect(found?.dims).toEqual([rank, layer.inFeatures]);
    expect(found?.values[layer.inFeatures + 2]).toBe(a[2 * rank + 1]);
    expect((await findAdapters(trained)).map(({ scale }) => scale)).toContain(2);
  });

  it('need an adapter', async () => {
    await expect(peftFiles(model, 'stories', 'CAUSAL_LM')).rejects.toThrow(
      'The model has no adapter beside its weights: it was merged, or none was trained; train LoRA with the result "adapter".',
    );
  });
});

describe('safetensors', () => {
  const tensors = [
    { name: 'b', dims: [2, 3], values: Float32Array.of(1, 2, 3, 4, 5, 6) },
    { name: 'a', dims: [1], values: Float32Array.of(-0.5) },
  ];

  it('comes back, in the order of names, data on a multiple of eight', () => {
    const file = writeSafetensors(tensors);
    expect(readSafetensors(file)).toEqual([tensors[1], tensors[0]]);
    expect(new DataView(file.buffer).getBigUint64(0, true) % 8n).toBe(0n);
  });

  it('says what is wrong with a damaged file', () => {
    const file = writeSafetensors(tensors);
    const sentence = (bytes: Uint8Array) => {
      try {
        readSafetensors(bytes);
      } catch (error) {
        return error instanceof LatheError ? error.message : error;
      }
      return undefined;
    };
    const begin = 'This is no complete safetensors file: ';
    expect(sentence(file.subarray(0, 4))).toBe(
      `${begin}it ends before its header; save or download it again.`,
    );
    expect(sentence(file.subarray(0, 60))).toBe(
      `${begin}its header is cut off; save or download it again.`,
    );
    expect(sentence(file.subarray(0, file.length - 4))).toBe(
      `${begin}the bytes of "b" are not those of its shape; save or download it again.`,
    );
    const halves = file.slice();
    const at = String.fromCharCode(...file.subarray(0, 200)).indexOf('F32');
    halves.set([0x31, 0x36], at + 1);
    expect(sentence(halves)).toBe(
      'The tensor "a" is stored as F16, and adapters are read as F32 only; save the adapter in float32.',
    );
  });
});
