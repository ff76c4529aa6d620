import { describe, expect, it } from 'vitest';
import { cachedDecoder, type CacheDialect } from '../../test/fixtures/cached-decoder.ts';
import { DataType } from '../core/tensor/data-type.ts';
import { exampleFeeds, languageFeeds, realPositions } from './feeds.ts';
import { createWasmRuntime } from './ort-wasm.ts';
import { syntheticFeeds } from './synthetic-feeds.ts';
import type { PortInfo } from './types.ts';
import { castValue, toFloats } from './values.ts';

const runtime = await createWasmRuntime({ threads: 1 });
const { int64, int32, float32, float16, bool } = DataType;
const port = (name: string, dataType: number, ...dims: (number | string)[]): PortInfo => ({
  name,
  dataType,
  dims,
});

describe('languageFeeds', () => {
  const windows = [Uint16Array.of(5, 6, 7), Uint16Array.of(8)];

  it('fills what exporters ask a decoder for', () => {
    const feeds = languageFeeds(
      [
        port('input_ids', int64, 'batch', 'sequence'),
        port('attention_mask', int64, 'batch', 'past + sequence'),
        port('position_ids', int64, 'batch', 'sequence'),
        port('token_type_ids', int32, 'batch', 'sequence'),
        port('past_key_values.0.key', float32, 'batch', 4, 'past', 16),
        port('use_cache_branch', bool, 1),
        port('num_logits_to_keep', int64),
      ],
      { windows, padId: 1 },
    );
    const shown = Object.entries(feeds).map(([name, { dims, data }]) => [
      name,
      dims,
      [...data].map(Number),
    ]);
    expect(shown).toEqual([
      ['input_ids', [2, 3], [5, 6, 7, 8, 1, 1]],
      ['attention_mask', [2, 3], [1, 1, 1, 1, 0, 0]],
      ['position_ids', [2, 3], [0, 1, 2, 0, 1, 2]],
      ['token_type_ids', [2, 3], [0, 0, 0, 0, 0, 0]],
      ['past_key_values.0.key', [2, 4, 0, 16], []],
      ['use_cache_branch', [1], [0]],
      ['num_logits_to_keep', [], [0]],
    ]);
    expect(feeds['input_ids'].data).toBeInstanceOf(BigInt64Array);
    expect(feeds['token_type_ids'].data).toBeInstanceOf(Int32Array);
  });

  it('finds the token input of a model that names it in its own way', () => {
    const feeds = languageFeeds([port('x', int32, 1, 't')], { windows: [[1, 2]] });
    expect(feeds['x'].data).toEqual(Int32Array.of(1, 2));
  });

  it('takes arrays that are given as they are, also in place of ids', () => {
    const states = { dataType: float32, dims: [2, 4, 8], data: new Float32Array(64) };
    const source = { dataType: int64, dims: [2, 4], data: new BigInt64Array(8) };
    const feeds = languageFeeds(
      [
        port('input_ids', int64, 'b', 's'),
        port('encoder_hidden_states', float32, 'b', 's', 8),
        port('decoder_input_ids', int64, 'b', 't'),
      ],
      { windows, extra: { encoder_hidden_states: states, input_ids: source } },
    );
    expect(feeds['encoder_hidden_states']).toBe(states);
    expect(feeds['input_ids']).toBe(source);
    expect([...feeds['decoder_input_ids'].data].map(Number)).toEqual([5, 6, 7, 8, 0, 0]);
  });

  it('refuses in words what text does not determine', () => {
    expect(() =>
      languageFeeds(
        [port('input_ids', int64, 'b', 's'), port('encoder_hidden_states', float32, 'b', 's', 8)],
        {
          windows,
        },
      ),
    ).toThrow(
      'The model needs the input "encoder_hidden_states", which text does not determine; give named arrays (.npz or .jsonl) instead of text.',
    );
    expect(() => languageFeeds([port('image', float32, 1, 3, 8, 8)], { windows })).toThrow(
      'None of the model\'s inputs ("image") takes token ids, so text cannot be fed to it; give named arrays (.npz or .jsonl) instead of text.',
    );
  });

  it('marks the real positions, and pads as far as it is told', () => {
    expect([...realPositions({ windows })]).toEqual([1, 1, 1, 1, 0, 0]);
    expect([...realPositions({ windows, length: 4 })]).toEqual([1, 1, 1, 0, 1, 0, 0, 0]);
    const ids = languageFeeds([port('ids', int64, 2, 4)], { windows, length: 4 })['ids'];
    expect([ids.dims, [...ids.data].map(Number)]).toEqual([
      [2, 4],
      [5, 6, 7, 0, 8, 0, 0, 0],
    ]);
  });
});

describe('exampleFeeds', () => {
  it('casts to the declared type and adds the batch dimension', () => {
    const pixels = { dataType: DataType.uint8, dims: [1, 2, 2], data: Uint8Array.of(0, 1, 2, 255) };
    const feeds = exampleFeeds([port('image', float32, 'n', 1, 2, 2)], {
      image: pixels,
      label: pixels,
    });
    expect(feeds).toEqual({
      image: { dataType: float32, dims: [1, 1, 2, 2], data: Float32Array.of(0, 1, 2, 255) },
    });
  });

  it('takes other types of whole numbers, as long as every number survives', () => {
    const ids = { dataType: DataType.uint16, dims: [1, 3], data: Uint16Array.of(1, 65535, 0) };
    const input = port('ids', int64, 'n', 's');
    expect(exampleFeeds([input], { ids })['ids'].data).toEqual(BigInt64Array.of(1n, 65535n, 0n));
    expect(() => exampleFeeds([port('ids', DataType.uint8, 'n', 's')], { ids })).toThrow(
      'The array "ids" holds 65535, but the model\'s input takes numbers of type uint8, which cannot be 65535; store the numbers the model was made for.',
    );
    const odd = (...data: number[]) => ({
      ids: { dataType: float32, dims: [1, data.length], data: Float32Array.from(data) },
    });
    expect(exampleFeeds([input], odd(3, 4))['ids'].data).toEqual(BigInt64Array.of(3n, 4n));
    expect(() => exampleFeeds([input], odd(3, 4.5))).toThrow('"ids" holds 4.5');
    expect(() => exampleFeeds([input], odd(NaN))).toThrow('"ids" holds NaN');
  });

  it('names the missing array and those that are there', () => {
    const y = { dataType: float32, dims: [1], data: new Float32Array(1) };
    expect(() => exampleFeeds([port('image', float32, 1)], { y })).toThrow(
      'The model needs an array named "image", but the data holds "y"; rename or add the array.',
    );
  });
});

describe('castValue', () => {
  it('goes through float16 and back', () => {
    const value = { dataType: float32, dims: [3], data: Float32Array.of(1, -0.5, 65504) };
    const half = castValue(value, float16);
    expect(half.data).toEqual(Uint16Array.of(0x3c00, 0xb800, 0x7bff));
    expect(toFloats(half)).toEqual(value.data);
    expect(castValue(half, int64).data).toEqual(BigInt64Array.of(1n, 0n, 65504n));
    expect(() => castValue(value, DataType.string)).toThrow(
      'Arrays of type string cannot be made for a session; use a model whose inputs are plain numbers.',
    );
  });
});

describe('syntheticFeeds', () => {
  const ports = [
    port('input_ids', int64, 'batch', 'sequence'),
    port('attention_mask', int64, 'batch', 'sequence'),
    port('pixels', float32, 'batch', 3, 'h', 'w'),
    port('past.0', float32, 'batch', 2, 'past', 4),
  ];

  it('is the same for the same seed and another for another', () => {
    const options = { seed: 4, vocabulary: 50, length: 8 };
    expect(syntheticFeeds(ports, options)).toEqual(syntheticFeeds(ports, options));
    expect(syntheticFeeds(ports, { ...options, index: 1 })).not.toEqual(
      syntheticFeeds(ports, options),
    );
    expect(syntheticFeeds(ports, { ...options, seed: 5 })).not.toEqual(
      syntheticFeeds(ports, options),
    );
  });

  it('keeps ids in the vocabulary, masks at one, caches empty, and named dimensions as told', () => {
    const feeds = syntheticFeeds(ports, {
      seed: 1,
      vocabulary: 9,
      length: 6,
      dimensions: { h: 2, w: 3 },
    });
    expect(Math.max(...[...feeds['input_ids'].data].map(Number))).toBeLessThan(9);
    expect(new Set([...feeds['attention_mask'].data].map(Number))).toEqual(new Set([1]));
    expect(feeds['pixels'].dims).toEqual([1, 3, 2, 3]);
    expect(feeds['past.0'].dims).toEqual([1, 2, 0, 4]);
  });

  it.each<CacheDialect>([
    'pairs',
    'fused',
    'single',
    'half',
    'unknown',
    'buffer',
    'window',
    'grouped',
    'grouped-told',
    'grouped-buffer',
  ])(
    'fits a decoder with a cache (%s): a run on it gives a row of scores for each id',
    async (cache) => {
      const session = await runtime.open(cachedDecoder({ cache }));
      const feeds = syntheticFeeds(session.inputs, {
        seed: 2,
        vocabulary: 32,
        batch: 2,
        length: 6,
      });
      const { logits } = await session.run(feeds, ['logits']);
      expect(logits.dims).toEqual([2, cache === 'single' ? 1 : 6, 32]);
      await session.release();
    },
  );

  it("gives an encoder's cache the length of its mask", () => {
    const feeds = syntheticFeeds(
      [
        port('encoder_attention_mask', int64, 'batch', 'encoder_length'),
        port('input_ids', int64, 'batch', 1),
        port('past_key_values.0.decoder.key', float32, 'batch', 4, 'past_length', 8),
        port('past_key_values.0.encoder.key', float32, 'batch', 4, 'encoder_length', 8),
      ],
      { seed: 1, length: 5 },
    );
    expect(Object.values(feeds).map(({ dims }) => dims)).toEqual([
      [1, 5],
      [1, 1],
      [1, 4, 0, 8],
      [1, 4, 5, 8],
    ]);
  });
});
