import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../onnx/build/graph-builder.ts';
import { batchBindings } from './bindings.ts';

type Dims = readonly (number | string)[];

function graphWith(inputs: Readonly<Record<string, readonly ['int64' | 'float32', Dims]>>) {
  const g = new GraphBuilder('inputs');
  for (const [name, [type, dims]] of Object.entries(inputs)) g.input(name, type, [...dims]);
  return g.finish({ opset: 17, irVersion: 8 }).graph;
}

describe('sizes of a training batch', () => {
  it('binds examples and tokens', () => {
    const graph = graphWith({
      input_ids: ['int64', ['batch', 'sequence']],
      weights: ['float32', ['batch']],
    });
    expect(batchBindings(graph, { batch: 3, length: 8 })).toEqual({ batch: 3, sequence: 8 });
    expect(batchBindings(graph, { batch: 3 })).toEqual({ batch: 3 });
  });

  it('leaves the heads of a cache alone and binds its positions to none', () => {
    const graph = graphWith({
      input_ids: ['int64', ['batch', 'sequence']],
      attention_mask: ['int64', ['batch', 'past + sequence']],
      'past_key_values.0.key': ['float32', ['batch', 4, 'past', 16]],
      'past_key_values.0.value': ['float32', ['batch', 4, 'past', 16]],
      past_1: ['float32', ['batch', 2, 'older', 8]],
    });
    expect(batchBindings(graph, { batch: 2, length: 64 })).toEqual({
      ...{ batch: 2, sequence: 64 },
      'past + sequence': 64,
      past: 0,
      older: 0,
    });
  });

  it('takes lengths from what the file says they are made of', () => {
    const graph = graphWith({
      attention_mask: ['int64', ['batch', 'total']],
      cache_position: ['int64', ['sequence']],
      offsets: ['int64', ['batch', '2*sequence + past']],
      seqlens_k: ['int64', ['batch']],
      total_sequence_length: ['int64', [1]],
      'past.0': ['float32', [2, 'batch', 4, 'past', 16]],
      input_ids: ['int64', ['batch', 'sequence']],
    });
    expect(batchBindings(graph, { batch: 3, length: 8 })).toEqual({
      ...{ batch: 3, sequence: 8, past: 0, total: 8 },
      '2*sequence + past': 16,
    });
  });

  it('leaves the places of a cache of fixed size, which a mask covers', () => {
    const cache = { 'past_key_values.0.key': ['float32', ['batch', 4, 32, 16]] } as const;
    const ids = { input_ids: ['int64', ['batch', 'sequence']] } as const;
    const buffer = graphWith({
      ...{ ...ids, ...cache },
      attention_mask: ['int64', ['batch', 32]],
      cache_position: ['int64', ['sequence']],
    });
    expect(batchBindings(buffer, { batch: 2, length: 8 })).toEqual({ batch: 2, sequence: 8 });
    const window = graphWith({
      ...{ ...ids, ...cache },
      attention_mask: ['int64', ['batch', '32 + sequence']],
    });
    expect(batchBindings(window, { batch: 2, length: 8 })).toEqual({
      ...{ batch: 2, sequence: 8 },
      '32 + sequence': 40,
    });
    expect(() => batchBindings(buffer, { batch: 2, length: 64 })).toThrow(
      'The model\'s input "attention_mask" is fixed to 32 tokens per sequence, and the training was asked to use 64; set it to 32, or export the model with a dynamic size.',
    );
  });

  it('refuses one token at a time', () => {
    const graph = graphWith({
      input_ids: ['int64', ['batch', 1]],
      attention_mask: ['int64', ['batch', 'past + 1']],
      'past_key_values.0.key': ['float32', ['batch', 4, 'past', 16]],
    });
    expect(() => batchBindings(graph, { batch: 2, length: 64 })).toThrow(
      'The model reads one token at a time behind its key/value cache ("input_ids" is fixed to 1 token), and training needs sequences; train the decoder that reads whole texts (decoder_model.onnx or model.onnx), which has the same weights.',
    );
  });

  it('refuses sizes the file fixes otherwise', () => {
    const ids = graphWith({ input_ids: ['int64', [1, 16]] });
    expect(batchBindings(ids, { batch: 1, length: 16 })).toEqual({});
    expect(() => batchBindings(ids, { batch: 2, length: 16 })).toThrow(
      'The model\'s input "input_ids" is fixed to 1 example per batch, and the training was asked to use 2; set it to 1, or export the model with a dynamic size.',
    );
    expect(() => batchBindings(ids, { batch: 1, length: 64 })).toThrow(
      'The model\'s input "input_ids" is fixed to 16 tokens per sequence, and the training was asked to use 64; set it to 16, or export the model with a dynamic size.',
    );
    const cache = graphWith({ past_0: ['float32', [1, 4, 'past', 16]] });
    expect(() => batchBindings(cache, { batch: 2, length: 64 })).toThrow('1 example per batch');
  });
});
