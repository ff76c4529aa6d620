import * as ort from 'onnxruntime-web/webgpu';
import { expect, it } from 'vitest';
import { writeModel } from '../../src/core/onnx/write.ts';
import type { Model, ValueInfo } from '../../src/core/onnx/types.ts';
import { cachedDecoder, CACHED } from '../fixtures/cached-decoder.ts';

/**
 * onnxruntime's own switch for the key/value cache on WebGPU (`kvCacheQuantizationBits`, for GroupQueryAttention): what
 * it does, and that no option of onnxruntime-web reaches it. Where the first test fails, it can be offered.
 */
const dist = '/node_modules/onnxruntime-web/dist/';
ort.env.wasm.wasmPaths = {
  mjs: '/test/browser/ort-with-cache-bits.ts',
  wasm: `${dist}ort-wasm-simd-threaded.asyncify.wasm`,
};
ort.env.wasm.numThreads = 1;

const { heads, headSize, blocks } = CACHED;
const PARTS = Array.from({ length: blocks }, (_, block) => [
  `${block}.key`,
  `${block}.value`,
]).flat();
type Tensors = Readonly<Record<string, ort.Tensor>>;

/** The fixture whose caches are so wide. */
function decoder(width: number): Promise<Uint8Array> {
  const model: Model = cachedDecoder({ cache: 'grouped-told' });
  const resized = (infos: readonly ValueInfo[]) =>
    infos.map((info) => {
      if (!/^(past|present)/.test(info.name) || !info.type?.dims) return info;
      const dims = [...info.type.dims.slice(0, -1), { value: width }];
      return { ...info, type: { ...info.type, dims } };
    });
  const { inputs, outputs } = model.graph;
  const graph = { ...model.graph, inputs: resized(inputs), outputs: resized(outputs) };
  return writeModel({ ...model, graph });
}

/** Words of 32 bits that a token takes in one head: one for the scale, the rest codes. */
const packedWidth = (bits: number): number => 1 + (headSize * bits) / 32;

interface Switched {
  /** Through the module itself. */
  readonly bits?: number;
  readonly extra?: Record<string, unknown>;
  readonly width: number;
}

/** Scores of five tokens, then of one token after another behind the cache they leave. */
async function scores({ bits, extra, width }: Switched) {
  (globalThis as { cacheBits?: number }).cacheBits = bits;
  const session = await ort.InferenceSession.create(await decoder(width), {
    ...{ executionProviders: ['webgpu'], logSeverityLevel: 4 },
    ...(extra && { extra }),
  });
  const empty = () => new ort.Tensor('float32', new Float32Array(0), [1, heads, 0, width]);
  let found: Tensors = Object.fromEntries(PARTS.map((part) => [`present.${part}`, empty()]));
  const rows: Float32Array[] = [];
  for (const [from, ids] of [
    [0, [3, 1, 4, 1, 5]],
    [5, [9]],
    [6, [2]],
    [7, [6]],
  ] as const) {
    const past = PARTS.map((part) => [`past_key_values.${part}`, found[`present.${part}`]]);
    found = await session.run({ ...told(from, ids), ...(Object.fromEntries(past) as Tensors) });
    rows.push((found['logits'].data as Float32Array).slice(-CACHED.vocabulary));
  }
  await session.release();
  return { rows, dims: found['present.0.key'].dims };
}

let known: ReturnType<typeof scores> | undefined;
const unpacked = () => (known ??= scores({ width: headSize }));

function told(from: number, ids: readonly number[]): Tensors {
  const total = from + ids.length;
  const longs = (values: readonly number[]) =>
    new ort.Tensor('int64', BigInt64Array.from(values, BigInt), [1, ids.length]);
  return {
    input_ids: longs(ids),
    position_ids: longs(ids.map((_, i) => from + i)),
    seqlens_k: new ort.Tensor('int32', Int32Array.of(total - 1), [1]),
    total_sequence_length: new ort.Tensor('int32', Int32Array.of(total), [1]),
  };
}

function apart(a: Float32Array, b: Float32Array): number {
  return a.reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i])), 0);
}

it('is not reached by a session option: the provider reads its options before', async () => {
  const extra = { ep: { webgpuexecutionprovider: { kvCacheQuantizationBits: '4' } } };
  const asked = await scores({ width: headSize, extra });
  const without = await unpacked();
  expect(asked.dims).toEqual(without.dims);
  expect(asked.rows).toEqual(without.rows);
});

it('packs the cache where the provider is told so, at this cost', async () => {
  const without = await unpacked();
  const costs: number[] = [];
  for (const bits of [8, 4]) {
    const { rows, dims } = await scores({ bits, width: packedWidth(bits) });
    expect(dims).toEqual([1, heads, 8, packedWidth(bits)]);
    costs.push(Math.max(...rows.map((row, i) => apart(row, without.rows[i]))));
  }
  console.log(`largest difference of a score: 8 bits ${costs[0]}, 4 bits ${costs[1]}`);
  expect(costs[0]).toBeGreaterThan(0);
  expect(costs[1]).toBeGreaterThan(costs[0]);
  expect(costs[0]).toBeLessThan(0.05);
});

it('refuses a file whose cache is as wide as its heads', async () => {
  await expect(scores({ bits: 8, width: headSize })).rejects.toThrow(
    /dimension 3 should match the packed KV head dimension, got 8 expected 3/,
  );
});
