import { describe, expect, it } from 'vitest';
import { DataType } from '../tensor/data-type.ts';
import { cacheFacts, cacheLine } from './describe.ts';
import { cacheLayout } from './layout.ts';
import type { CachePort } from './port.ts';
import { tokenInput } from './token-input.ts';

const { float32, float16, int64 } = DataType;
const port = (name: string, dataType: number, ...dims: (number | string)[]): CachePort => ({
  ...{ name, dataType, dims },
});
const ids = port('input_ids', int64, 'batch', 'sequence');

describe('how a cache keeps tokens', () => {
  const fixed = port('past_key_values.0.key', float32, 'batch', 2, 64, 8);
  const grown = port('present.0.key', float32, 'batch', 2, 64, 8);
  const layoutOf = (past: CachePort, ...beside: CachePort[]) =>
    cacheLayout([ids, past, ...beside], [grown], ids);

  it('is told by its sizes and what stands beside it', () => {
    const open = port('past_key_values.0.key', float32, 'batch', 2, 'past', 8);
    const mask = (size: number | string) => port('attention_mask', int64, 'batch', size);
    expect(layoutOf(open, mask('past + sequence'))).toMatchObject({ kind: 'growing' });
    expect(layoutOf(fixed, mask(64), port('cache_position', int64, 'sequence'))).toMatchObject({
      ...{ kind: 'buffer', capacity: 64 },
    });
    expect(layoutOf(fixed, port('seqlens_k', int64, 'batch'))).toMatchObject({ kind: 'buffer' });
    expect(
      layoutOf(fixed, mask('64 + sequence'), port('position_ids', int64, 'batch', 's')),
    ).toMatchObject({
      ...{ kind: 'window', capacity: 64 },
    });
    expect(layoutOf(fixed, mask(65))).toMatchObject({ kind: 'window' });
  });

  it('is none where the file takes no past at all', () => {
    expect(layoutOf(port('past_key_values.0.key', float32, 'batch', 2, 0, 8))).toBeUndefined();
  });

  it('counts tokens where the file says what becomes of the axis', () => {
    const last = port('past_0', float32, 'batch', 2, 8, 'past');
    expect(cacheLayout([ids, last], [port('present_0', float32)], ids)?.pairs[0].axis).toBe(3);
    const odd = port('past_0', float32, 'batch', 2, 'N', 8);
    const present = port('present_0', float32, 'batch', 2, 'N + sequence', 8);
    expect(cacheLayout([ids, odd], [present], ids)?.pairs[0].axis).toBe(2);
    const first = port('cache_k_0', float32, 'past', 'batch', 2, 8);
    expect(cacheLayout([ids, first], [port('cache_k_0_out', float32)], ids)?.pairs[0].axis).toBe(0);
  });
});

describe('what is told of a cache', () => {
  it('is its dialect, its heads and its axis', () => {
    const past = port('past.0', float16, 2, 'batch', 4, 'past', 16);
    const present = port('present.0', float16, 2, 'batch', 4, 'total', 16);
    const facts = cacheFacts([ids, past], [present], ids);
    expect(facts).toEqual({
      ...{ kind: 'growing', stored: 'fused', inputs: ['past.0'], outputs: ['present.0'] },
      ...{ axis: 3, heads: 4, headSize: 16, dataType: 'float16' },
    });
    expect(typeof facts === 'object' && cacheLine(facts)).toBe(
      'cache: 1 inputs like "past.0" (float16, 4 heads of 16, keys and values together); grows with the text, tokens on axis 3',
    );
    expect(cacheFacts([ids], [present], ids)).toBeUndefined();
  });

  it('is why it cannot be used', () => {
    const past = port('past_key_values.0.key', float32, 'batch', 4, 'past', 16);
    const other = port('present.0.key', float32, 'batch', 2, 'total', 16);
    expect(cacheFacts([ids, past], [other], ids)).toBe(
      'The cache input "past_key_values.0.key" has the shape [batch, 4, past, 16], but "present.0.key", which continues it, has [batch, 2, total, 16]; export the model again so that both have the same heads and sizes.',
    );
    const open = port('past_key_values.0.key', float32, 'batch', 'heads', 'past', 16);
    expect(cacheFacts([ids, open], [port('present.0.key', float32)], ids)).toBe(
      'The sizes of the cache input "past_key_values.0.key" do not tell which of its axes counts tokens, so it stays empty.',
    );
  });
});

describe('the input that takes ids', () => {
  it('is found among what is as long as it', () => {
    const beside = [
      port('attention_mask', int64, 'b', 's'),
      port('position_ids', int64, 'b', 's'),
      port('words', int64, 'b', 's'),
    ];
    expect(tokenInput(beside)?.name).toBe('words');
    expect(tokenInput([...beside, port('more_words', int64, 'b', 's')])).toBeUndefined();
  });
});
