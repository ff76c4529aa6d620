import { describe, expect, it } from 'vitest';
import { attentionForms } from '../../../../test/fixtures/forms/attention.ts';
import { formFeeds, formModel } from '../../../../test/fixtures/forms/form.ts';
import type { Form } from '../../../../test/fixtures/forms/form.ts';
import { fusionForms } from '../../../../test/fixtures/forms/fusions.ts';
import { olderForms } from '../../../../test/fixtures/forms/older.ts';
import { positionForms } from '../../../../test/fixtures/forms/positions.ts';
import { distance, longs, runModel, waves } from '../../../../test/support/run-model.ts';
import { DataType, elementCount } from '../../tensor/data-type.ts';
import type { Value } from '../../tensor/values.ts';
import { normalise } from './normalise.ts';

function magnitude(value: Value | undefined): number {
  if (!value || elementCount(value.dims) === 0) return 0;
  return Math.max(...Array.from<number | bigint, number>(value.data, (x) => Math.abs(Number(x))));
}

describe.each([...attentionForms, ...positionForms, ...fusionForms, ...olderForms])(
  '$op $how',
  (form) => {
    it('computes the same from primitives', async () => {
      const model = formModel(form);
      const normal = normalise(model, {});
      const kept = normal.graph.nodes.some(
        ({ opType, domain }) => opType === form.op && domain === '',
      );
      const passed = normal.graph.nodes.every(({ domain }) => domain === '');
      const attends = form.op === 'Attention' || form.op === 'RotaryEmbedding';
      expect({ kept: kept && !attends, passed }).toEqual({
        kept: form.stays === true || form.op.endsWith('oftmax'),
        passed: true,
      });
      const before = await runModel(model, formFeeds(form));
      const after = await runModel(normal, formFeeds(form));
      for (const { name } of model.graph.outputs) {
        const [was, is] = [before.get(name), after.get(name)];
        expect(is?.dims).toEqual(was?.dims);
        expect(is?.dataType).toBe(was?.dataType);
        expect(distance(was, is)).toBeLessThanOrEqual(30 * 2 ** -24 * Math.max(1, magnitude(was)));
      }
    });
  },
);

const [B, S, N, H] = [2, 3, 4, 8];

/** [B, L, N, count, H] from count values [B, L, N·H]. */
function packed(values: readonly Value[], length: number): Value {
  const dims = [B, length, N, values.length, H];
  const data = Float32Array.from({ length: elementCount(dims) }, (_, at) => {
    const [inside, rest] = [at % H, Math.floor(at / H)];
    const [which, row] = [rest % values.length, Math.floor(rest / values.length)];
    return Number(values[which].data[row * H + inside]);
  });
  return { dataType: DataType.float32, dims, data };
}

describe('MultiHeadAttention with its inputs in one, which onnxruntime has for GPUs only', () => {
  const [q, k, v] = [1, 2, 3].map((seed) => waves([B, S, N * H], seed));
  const apart: Form = {
    op: 'MultiHeadAttention',
    how: '',
    inputs: [q, k, v],
    attributes: { num_heads: N },
  };
  it.each([
    ['q, k, v', [packed([q, k, v], S)]],
    ['k, v', [q, packed([k, v], S)]],
  ])('is the one with %s apart', async (_name, inputs) => {
    const form = { ...apart, inputs };
    const expected = await runModel(formModel(apart), formFeeds(apart));
    const result = await runModel(normalise(formModel(form), {}), formFeeds(form));
    expect(distance(result.get('output 0'), expected.get('output 0'))).toBeLessThan(1e-6);
  });
});

describe('RelativePositionBias, which onnxruntime has for GPUs only', () => {
  // Buckets of the distances −11 … 11 (key − query), from the formula of T5's authors.
  it.each([
    [0, '77776544321000000000000'],
    [1, '33333332221056667777777'],
  ])('looks up the bucket of each distance (both ways: %i)', async (both, buckets) => {
    const length = 12;
    const [rows, heads] = [8, 3];
    const table = waves([rows, heads]);
    const form: Form = {
      op: 'RelativePositionBias',
      how: '',
      inputs: [table, longs([1], [length]), longs([1], [length])],
      stored: [1, 2],
      attributes: { max_distance: 10, is_bidirectional: both },
    };
    const result = await runModel(normalise(formModel(form), {}), formFeeds(form));
    const expected = Float32Array.from({ length: heads * length * length }, (_, at) => {
      const distance = (at % length) - (Math.floor(at / length) % length);
      const bucket = Number(buckets[distance + length - 1]);
      return Number(table.data[bucket * heads + Math.floor(at / length ** 2)]);
    });
    expect(result.get('output 0')).toEqual({
      dataType: DataType.float32,
      dims: [1, heads, length, length],
      data: expected,
    });
  });
});
