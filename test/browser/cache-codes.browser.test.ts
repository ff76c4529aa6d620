import { expect, it } from 'vitest';
import { recognise } from '../../src/core/anatomy/recognise.ts';
import { kvCache } from '../../src/core/methods/quantization/kv-cache/kv-cache.ts';
import type { KvCacheOptions } from '../../src/core/methods/quantization/kv-cache/meta.ts';
import type { Model } from '../../src/core/onnx/types.ts';
import { compareLogits } from '../../src/core/kernels/compare-logits.ts';
import { generate } from '../../src/runtime/generate.ts';
import { createWasmRuntime } from '../../src/runtime/ort-wasm.ts';
import { createWebGpuRuntime } from '../../src/runtime/ort-webgpu.ts';
import type { Runtime } from '../../src/runtime/types.ts';
import { cachedDecoder, CACHED, type CacheDialect } from '../fixtures/cached-decoder.ts';

const runtimes = [createWasmRuntime({ threads: 1 }), createWebGpuRuntime()] as const;

async function stored(cache: CacheDialect, options: KvCacheOptions): Promise<Model> {
  const model = cachedDecoder({ cache });
  const anatomy = recognise(model);
  const context = { index: 0, change: () => undefined };
  const ground = { model, anatomy, original: model };
  return (await kvCache.plan(ground, anatomy.layers, options, context)).model;
}

async function written(runtime: Runtime, model: Model) {
  const session = await runtime.open(model);
  const lengths = { tokens: 4, contextLength: CACHED.positions };
  const found = await generate(session, [3, 1, 4, 1, 5], lengths);
  await session.release();
  return found;
}

it.each([
  ['pairs', 8],
  ['pairs', 4],
  ['grouped-told', 4],
] as const)(
  'a cache in codes is the same on WebGPU as on WebAssembly (%s, %i bits)',
  async (cache, bits) => {
    const model = await stored(cache, { bits, keys: 'token' });
    const [wasm, webgpu] = await Promise.all(runtimes);
    const [wanted, found] = [await written(wasm, model), await written(webgpu, model)];
    expect(found.map(({ id }) => id)).toEqual(wanted.map(({ id }) => id));
    wanted.forEach(({ logits, id }, i) => {
      const { kl } = compareLogits(logits, found[i].logits, 1, logits.length, [id]);
      expect(kl[0]).toBeLessThan(1e-5);
    });
  },
);
