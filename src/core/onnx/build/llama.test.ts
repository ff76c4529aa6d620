import { readFileSync } from 'node:fs';
import * as ort from 'onnxruntime-web/wasm';
import { beforeAll, describe, expect, it } from 'vitest';
import { bytesSource } from '../source.ts';
import { readModel } from '../read.ts';
import type { Model } from '../types.ts';
import { writeModel } from '../write.ts';
import { checkLlamaConfig } from './llama-config.ts';
import type { LlamaConfig, LlamaWeights } from './llama-config.ts';
import { buildLlama } from './llama.ts';
import { readLlama2c } from '../../../../tools/samples/llama2c.ts';
import { toHalfSplit } from '../../../../tools/samples/rotary-layout.ts';

const FILE = new URL('../../../../test/fixtures/stories260K/stories260K.bin', import.meta.url);

/**
 * Independent float64 forward pass, written from the formulas on the raw file (Meta's layout:
 * [out, in] matrices, neighbouring rotary pairs). One token after another, plain loops, no graph.
 */
class Reference {
  readonly dim = 64;
  readonly hidden = 172;
  readonly layers = 5;
  readonly heads = 8;
  readonly kvHeads = 4;
  readonly vocabulary = 512;
  readonly size = 8;
  readonly file: Float64Array;

  constructor(bytes: Uint8Array) {
    this.file = Float64Array.from(new Float32Array(bytes.slice(28).buffer));
  }

  /** Matrices in the file's order; `per` values for each of the layers. */
  weights(layer: number) {
    const { dim, hidden, layers, vocabulary, file } = this;
    let at = vocabulary * dim;
    const take = (per: number) => {
      const part = file.subarray(at + layer * per, at + (layer + 1) * per);
      at += layers * per;
      return part;
    };
    const [norm1, q, k, v] = [dim, dim * dim, (dim * dim) / 2, (dim * dim) / 2].map(take);
    const [o, norm2, w1, w2, w3] = [dim * dim, dim, hidden * dim, dim * hidden, hidden * dim].map(
      take,
    );
    return { norm1, q, k, v, o, norm2, w1, w2, w3, end: at };
  }

  times(matrix: Float64Array, x: Float64Array): Float64Array {
    return Float64Array.from({ length: matrix.length / x.length }, (_, row) =>
      x.reduce((sum, value, column) => sum + matrix[row * x.length + column] * value, 0),
    );
  }

  norm(x: Float64Array, weight: Float64Array): Float64Array {
    const mean = x.reduce((sum, value) => sum + value * value, 0) / x.length;
    return x.map((value, i) => (weight[i] * value) / Math.sqrt(mean + 1e-5));
  }

  rotated(x: Float64Array, position: number): Float64Array {
    const result = new Float64Array(x.length);
    for (let i = 0; i < x.length; i += 2) {
      const angle = position / 10000 ** ((i % this.size) / this.size);
      result[i] = x[i] * Math.cos(angle) - x[i + 1] * Math.sin(angle);
      result[i + 1] = x[i] * Math.sin(angle) + x[i + 1] * Math.cos(angle);
    }
    return result;
  }

  attend(q: Float64Array, keys: Float64Array[], values: Float64Array[]): Float64Array {
    const out = new Float64Array(this.dim);
    for (let head = 0; head < this.heads; head++) {
      const from = head * this.size;
      const shared = Math.floor((head * this.kvHeads) / this.heads) * this.size;
      const scores = keys.map((key) => {
        let dot = 0;
        for (let c = 0; c < this.size; c++) dot += q[from + c] * key[shared + c];
        return dot / Math.sqrt(this.size);
      });
      const top = Math.max(...scores);
      const powers = scores.map((score) => Math.exp(score - top));
      const total = powers.reduce((sum, power) => sum + power, 0);
      values.forEach((value, t) => {
        for (let c = 0; c < this.size; c++) {
          out[from + c] += (powers[t] / total) * value[shared + c];
        }
      });
    }
    return out;
  }

  logits(ids: readonly number[]): Float64Array[] {
    const caches = Array.from({ length: this.layers }, () => ({
      keys: [] as Float64Array[],
      values: [] as Float64Array[],
    }));
    return ids.map((id, position) => this.step(id, position, caches));
  }

  step(id: number, position: number, caches: { keys: Float64Array[]; values: Float64Array[] }[]) {
    let x: Float64Array = this.file.slice(id * this.dim, (id + 1) * this.dim);
    const add = (a: Float64Array, b: Float64Array) => a.map((value, i) => value + b[i]);
    for (const [layer, cache] of caches.entries()) {
      const w = this.weights(layer);
      const h = this.norm(x, w.norm1);
      cache.keys.push(this.rotated(this.times(w.k, h), position));
      cache.values.push(this.times(w.v, h));
      const q = this.rotated(this.times(w.q, h), position);
      x = add(x, this.times(w.o, this.attend(q, cache.keys, cache.values)));
      const f = this.norm(x, w.norm2);
      const gate = this.times(w.w1, f).map((value) => value / (1 + Math.exp(-value)));
      const up = this.times(w.w3, f);
      x = add(
        x,
        this.times(
          w.w2,
          gate.map((value, i) => value * up[i]),
        ),
      );
    }
    const { end } = this.weights(0);
    const last = this.norm(x, this.file.subarray(end, end + this.dim));
    return this.times(this.file.subarray(0, this.vocabulary * this.dim), last);
  }
}

const PROMPTS = [
  [1],
  [1, 403, 407, 261, 378],
  [1, 317, 261, 413, 411, 348, 411, 295, 419, 334, 341, 267, 422, 432, 261, 376, 270, 277, 372],
  Array.from({ length: 120 }, (_, i) => (i * 197 + 3) % 512),
];

let bytes: Uint8Array;
let reference: Float64Array[][];

beforeAll(() => {
  ort.env.wasm.numThreads = 1;
  bytes = new Uint8Array(readFileSync(FILE));
  const plain = new Reference(bytes);
  reference = PROMPTS.map((ids) => plain.logits(ids));
});

type Feeds = Record<string, ort.Tensor>;

function idsTensor(rows: readonly (readonly number[])[]): ort.Tensor {
  const data = BigInt64Array.from(rows.flat(), (id) => BigInt(id));
  return new ort.Tensor('int64', data, [rows.length, rows[0].length]);
}

async function run(model: Model, feedsList: readonly Feeds[]): Promise<Float32Array[]> {
  const session = await ort.InferenceSession.create(await writeModel(model));
  const results: Float32Array[] = [];
  for (const feeds of feedsList) {
    const { logits } = await session.run(feeds);
    results.push(logits.data as Float32Array);
  }
  await session.release();
  return results;
}

function largestDifference(found: Float32Array, expected: readonly Float64Array[]): number {
  expect(found.length).toBe(expected.length * 512);
  let largest = 0;
  found.forEach((value, i) => {
    largest = Math.max(largest, Math.abs(value - expected[Math.floor(i / 512)][i % 512]));
  });
  return largest;
}

async function expectReference(config: LlamaConfig, weights: LlamaWeights): Promise<void> {
  const feeds = PROMPTS.map((ids) => ({ input_ids: idsTensor([ids]) }));
  const found = await run(buildLlama(config, weights), feeds);
  found.forEach((logits, i) => expect(largestDifference(logits, reference[i])).toBeLessThan(1e-4));
}

describe('buildLlama equals the plain float64 forward pass to 1e-4', () => {
  it('with adjacent rotary pairs and an own copy of the tied head', async () => {
    const { config, weights } = readLlama2c(bytes);
    await expectReference(config, weights);
  });

  it('with half-split rotary pairs, as Hugging Face converts Llama', async () => {
    const { config, weights } = readLlama2c(bytes);
    const half = toHalfSplit(config, weights);
    await expectReference(half.config, half.weights);
    expect(toHalfSplit(half.config, half.weights)).toEqual(half);
  });

  it("with onnxruntime's fused norm and the head as the transposed embedding", async () => {
    const { config, weights } = readLlama2c(bytes);
    const tied: LlamaWeights = { ...weights, head: 'embedding' };
    await expectReference({ ...config, norm: 'fused' }, tied);
    const names = buildLlama(config, tied).graph.initializers.map((t) => t.name);
    expect(names).not.toContain('lm_head.weight');
  });

  it.each(['adjacent', 'half-split'] as const)(
    'with padding and positions given as inputs (%s)',
    async (rotary) => {
      const read = readLlama2c(bytes);
      const base = rotary === 'adjacent' ? read : toHalfSplit(read.config, read.weights);
      const model = buildLlama(
        { ...base.config, attentionMask: true, positionIds: true },
        base.weights,
      );
      const [, short, long] = PROMPTS;
      const padding = long.length - short.length;
      const zeros = Array<number>(padding).fill(0);
      const rows = [[...zeros, ...short], long];
      const mask = [[...zeros, ...short.map(() => 1)], long.map(() => 1)];
      const positions = [[...zeros, ...short.keys()], [...long.keys()]];
      const [logits] = await run(model, [
        {
          input_ids: idsTensor(rows),
          attention_mask: idsTensor(mask),
          position_ids: idsTensor(positions),
        },
      ]);
      const first = logits.subarray(padding * 512, long.length * 512);
      expect(largestDifference(first, reference[1])).toBeLessThan(1e-4);
      expect(largestDifference(logits.subarray(long.length * 512), reference[2])).toBeLessThan(
        1e-4,
      );
    },
  );
});

describe('buildLlama', () => {
  it('holds 36 MatMuls with named [in, out] weights and survives a round trip', async () => {
    const { config, weights } = readLlama2c(bytes);
    const model = buildLlama(config, weights);
    const shapes = new Map(model.graph.initializers.map((t) => [t.name, t.dims]));
    const linear = model.graph.nodes.filter(
      (n) => n.opType === 'MatMul' && shapes.has(n.inputs[1]),
    );
    expect(linear).toHaveLength(36);
    expect(shapes.get('model.layers.3.self_attn.k_proj.weight')).toEqual([64, 32]);
    expect(shapes.get('model.layers.0.mlp.down_proj.weight')).toEqual([172, 64]);
    expect(shapes.get('lm_head.weight')).toEqual([64, 512]);
    const file = await writeModel(model);
    const again = await writeModel(await readModel(bytesSource(file)));
    expect(Buffer.from(again).equals(file)).toBe(true);
  });

  it('refuses sizes that do not fit', () => {
    const { config, weights } = readLlama2c(bytes);
    expect(() => buildLlama({ ...config, feedForwardWidth: 170 }, weights)).toThrow(
      '"model.layers.0.mlp.gate_proj.weight" holds 11008 values where the configuration needs 10880; use the configuration the weights were trained with.',
    );
    expect(() => checkLlamaConfig({ ...config, heads: 64 })).toThrow(
      'A head of 1 channels (hidden size 64, 64 heads) cannot be rotated in pairs; choose sizes that give an even whole number.',
    );
    expect(() => checkLlamaConfig({ ...config, keyValueHeads: 3 })).toThrow(
      '8 heads cannot share 3 key/value heads evenly; choose a number of key/value heads that divides the heads.',
    );
  });
});

describe('readLlama2c', () => {
  const change = (index: number, value: number) => {
    const copy = bytes.slice();
    new DataView(copy.buffer).setInt32(4 * index, value, true);
    return copy;
  };

  it('reads the header and a head of its own when the vocabulary is negative', () => {
    const { config, tiedHead } = readLlama2c(bytes);
    expect(tiedHead).toBe(true);
    expect(config).toMatchObject({ hiddenSize: 64, keyValueHeads: 4, maxPositions: 512 });
    const untied = new Uint8Array(bytes.length + 4 * 512 * 64);
    untied.set(change(5, -512));
    untied.fill(1, bytes.length);
    const { weights, ...rest } = readLlama2c(untied);
    expect(rest.tiedHead).toBe(false);
    expect(weights.head).toEqual(
      new Float32Array(Uint8Array.from({ length: 4 * 512 * 64 }, () => 1).buffer),
    );
  });

  it('says what is wrong with a file', () => {
    expect(() => readLlama2c(bytes.subarray(0, 1000))).toThrow(
      'The llama2.c checkpoint is 1000 bytes long, but its header asks for 1056540; it is truncated or of another kind, so fetch it again.',
    );
    expect(() => readLlama2c(new Uint8Array(5))).toThrow(
      'The llama2.c checkpoint is 5 bytes long, but its header asks for 28; it is truncated or of another kind, so fetch it again.',
    );
    expect(() => readLlama2c(change(2, -5))).toThrow(
      'This is no llama2.c checkpoint: its header field "n_layers" is out of range; choose a .bin file that llama2.c\'s export wrote.',
    );
    expect(() => readLlama2c(change(4, 3))).toThrow(
      "This is no llama2.c checkpoint: 8 heads and 3 key/value heads do not divide its width 64 into even parts; choose a .bin file that llama2.c's export wrote.",
    );
    expect(() => readLlama2c(change(0, 0x616b3432))).toThrow(
      'This is a llama2.c checkpoint of version 1 or later, and only version 0 is read; export it again with llama2.c\'s "--version 0".',
    );
  });
});
