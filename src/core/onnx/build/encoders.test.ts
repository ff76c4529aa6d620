import { describe, expect, it } from 'vitest';
import { runModel } from '../../../../test/support/run-model.ts';
import { recognise } from '../../anatomy/recognise.ts';
import type { Role } from '../../anatomy/types.ts';
import { DataType } from '../../tensor/data-type.ts';
import type { Value } from '../../tensor/values.ts';
import type { Model } from '../types.ts';
import { buildBert } from './bert.ts';
import { initialLlamaWeights, initialWeights } from './initial-weights.ts';
import { buildLlama } from './llama.ts';
import { buildVit } from './vit.ts';

const BERT = {
  vocabularySize: 40,
  hiddenSize: 12,
  feedForwardWidth: 20,
  blocks: 3,
  heads: 3,
  classes: 4,
  maxPositions: 9,
  pooling: 'mean',
} as const;

const VIT = {
  imageSize: 8,
  patchSize: 4,
  channels: 2,
  hiddenSize: 12,
  feedForwardWidth: 20,
  blocks: 3,
  heads: 2,
  classes: 5,
} as const;

const BLOCK: Role[] = ['query', 'key', 'value', 'attention-output', 'up', 'down'];

function rolesOf(model: Model) {
  const { layers, ...anatomy } = recognise(model);
  const inside = layers.filter(({ block }) => block !== undefined);
  const outside = layers.filter(({ block }) => block === undefined);
  return {
    anatomy,
    inside: inside.map(({ role }) => role),
    outside: outside.map(({ role }) => role),
    biased: inside.filter(({ bias }) => bias !== undefined).length,
  };
}

function int64(dims: readonly number[], values: readonly number[]): Value {
  return { dataType: DataType.int64, dims, data: BigInt64Array.from(values, BigInt) };
}

async function logits(model: Model, feeds: Readonly<Record<string, Value>>) {
  const value = (await runModel(model, feeds)).get('logits');
  return { dims: value?.dims, data: Array.from(value?.data as Float32Array) };
}

describe('buildBert', () => {
  it.each(['mean', 'first'] as const)('is recognised completely, pooled by %s', (pooling) => {
    const model = buildBert({ ...BERT, pooling }, initialWeights(1));
    const { anatomy, inside, outside, biased } = rolesOf(model);
    expect(anatomy).toMatchObject({
      kind: 'transformer',
      layout: 'BERT-like',
      hiddenSize: 12,
      vocabularySize: 40,
      normalization: 'layer-norm',
      normPlacement: 'post',
      positions: 'learned',
      notes: [],
    });
    expect(anatomy.blocks).toHaveLength(3);
    expect(anatomy.blocks[0]).toMatchObject({ heads: 3, headSize: 4, feedForwardWidth: 20 });
    expect(inside).toEqual([...BLOCK, ...BLOCK, ...BLOCK]);
    expect(biased).toBe(18);
    // BERT's pooler is a layer of no block.
    const pooler: Role[] = pooling === 'first' ? ['projection'] : [];
    expect(outside).toEqual(['embedding', 'position-embedding', ...pooler, 'output-head']);
  });

  it('does not see padding', async () => {
    const model = buildBert(BERT, initialWeights(2, 0.3));
    const short = {
      input_ids: int64([1, 4], [5, 6, 7, 8]),
      attention_mask: int64([1, 4], [1, 1, 1, 1]),
    };
    const padded = {
      input_ids: int64([2, 6], [5, 6, 7, 8, 0, 3, 9, 8, 7, 6, 5, 4]),
      attention_mask: int64([2, 6], [1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 1, 1]),
    };
    const alone = await logits(model, short);
    const beside = await logits(model, padded);
    expect([alone.dims, beside.dims]).toEqual([
      [1, 4],
      [2, 4],
    ]);
    alone.data.forEach((value, c) => expect(Math.abs(value - beside.data[c])).toBeLessThan(1e-5));
    expect(beside.data.slice(4)).not.toEqual(beside.data.slice(0, 4));
  });

  it('refuses heads that do not divide the width, and a single class', () => {
    expect(() => buildBert({ ...BERT, heads: 5 }, initialWeights(1))).toThrow(
      'A width of 12 cannot be shared by 5 heads evenly; choose a number of heads that divides the width.',
    );
    expect(() => buildBert({ ...BERT, classes: 1 }, initialWeights(1))).toThrow(
      'A classifier of 1 classes has nothing to tell apart; choose at least 2.',
    );
    expect(() => buildBert(BERT, () => new Float32Array(3))).toThrow(
      '"bert.embeddings.word_embeddings.weight" holds 3 values where the configuration needs 480; use the configuration the weights were trained with.',
    );
  });
});

describe('buildVit', () => {
  it('is recognised completely', () => {
    const { anatomy, inside, outside, biased } = rolesOf(buildVit(VIT, initialWeights(1)));
    expect(anatomy).toMatchObject({
      kind: 'transformer',
      layout: 'ViT-like',
      hiddenSize: 12,
      normalization: 'layer-norm',
      normPlacement: 'pre',
      positions: 'learned',
      notes: [],
    });
    expect(anatomy.blocks).toHaveLength(3);
    expect(anatomy.blocks[2]).toMatchObject({ heads: 2, headSize: 6, feedForwardWidth: 20 });
    expect(inside).toEqual([...BLOCK, ...BLOCK, ...BLOCK]);
    expect(biased).toBe(18);
    expect(outside).toEqual(['patch', 'output-head']);
  });

  it('gives each image of a batch the scores it gets alone', async () => {
    const model = buildVit(VIT, initialWeights(3, 0.3));
    const pixels = Float32Array.from({ length: 2 * 128 }, (_, k) => Math.sin(k));
    const image = (from: number, count: number): Value => ({
      dataType: DataType.float32,
      dims: [count, 2, 8, 8],
      data: pixels.slice(128 * from, 128 * (from + count)),
    });
    const both = await logits(model, { pixel_values: image(0, 2) });
    const second = await logits(model, { pixel_values: image(1, 1) });
    expect(both.dims).toEqual([2, 5]);
    second.data.forEach((value, c) =>
      expect(Math.abs(value - both.data[5 + c])).toBeLessThan(1e-5),
    );
  });

  it('refuses patches that do not tile the image', () => {
    expect(() => buildVit({ ...VIT, patchSize: 3 }, initialWeights(1))).toThrow(
      'An image of 8×8 pixels cannot be cut into patches of 3×3; choose a patch size that divides the image size.',
    );
  });
});

describe('initial weights', () => {
  it('depend on seed and name alone: biases 0, norms 1, else cut-off normal', () => {
    const weights = initialWeights(4, 0.05);
    expect(weights('a.bias', [2])).toEqual(new Float32Array(2));
    expect(weights('x.LayerNorm.weight', [2])).toEqual(new Float32Array(2).fill(1));
    expect(weights('x.layernorm_before.weight', [2])).toEqual(new Float32Array(2).fill(1));
    const values = weights('a.weight', [100, 100]);
    expect(weights('a.weight', [10000])).toEqual(values);
    expect(initialWeights(5, 0.05)('a.weight', [100, 100])).not.toEqual(values);
    expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(0.1 * (1 + 2 ** -23));
    // a normal cut off at ±2σ has variance 0.7737 σ²; of 10 000 values the estimate is off by 1.2 %
    const variance = values.reduce((sum, value) => sum + value * value, 0) / values.length;
    expect(Math.abs(variance / (0.7737 * 0.05 ** 2) - 1)).toBeLessThan(0.05);
  });

  it('make a Llama-like model that is recognised completely and starts near guessing', async () => {
    const config = {
      vocabularySize: 50,
      hiddenSize: 16,
      feedForwardWidth: 24,
      blocks: 2,
      heads: 4,
      keyValueHeads: 2,
      maxPositions: 12,
      rotary: 'half-split',
    } as const;
    const model = buildLlama(config, initialLlamaWeights(config, 1));
    const { anatomy, inside, outside } = rolesOf(model);
    expect(anatomy).toMatchObject({ layout: 'Llama-like', tiedHead: true, notes: [] });
    expect(inside).toHaveLength(14);
    expect(outside).toEqual(['embedding', 'output-head']);
    const { data } = await logits(model, { input_ids: int64([1, 3], [1, 2, 3]) });
    const row = data.slice(100);
    const nll = Math.log(row.reduce((sum, value) => sum + Math.exp(value), 0)) - row[7];
    expect(Math.abs(nll - Math.log(50))).toBeLessThan(0.5);
  });
});
