import { expect, it } from 'vitest';
import { DataType } from '../core/tensor/data-type.ts';
import type { Value } from '../core/tensor/values.ts';
import { withOwnCaches } from './cache-feeds.ts';

const { float32, uint8, int64 } = DataType;
const port = (name: string, dataType: number, ...dims: (number | string)[]) => ({
  ...{ name, dataType, dims },
});
const past = port('past_key_values.0.key', uint8, 'batch', 2, 'past', 7);
const empty: Value = { dataType: float32, dims: [3, 2, 0, 8], data: new Float32Array(0) };
const ids: Value = { dataType: int64, dims: [3, 1], data: new BigInt64Array(3) };

it('gives a model whose cache is bytes an empty one of bytes', () => {
  const feeds = { input_ids: ids, [past.name]: empty };
  expect(withOwnCaches([port('input_ids', int64, 'batch', 's'), past], feeds)).toEqual({
    input_ids: ids,
    [past.name]: { dataType: uint8, dims: [3, 2, 0, 7], data: new Uint8Array(0) },
  });
});

it('leaves alone what fits, what is no cache and what is not empty', () => {
  const filled: Value = { ...empty, dims: [1, 2, 1, 8], data: new Float32Array(16) };
  const fitting = port(past.name, float32, 'batch', 2, 'past', 8);
  for (const [own, value] of [
    [fitting, empty],
    [past, filled],
    [port('pixels', uint8, 1), empty],
  ] as const) {
    const feeds = { [own.name]: value };
    expect(withOwnCaches([own], feeds)).toBe(feeds);
  }
});
