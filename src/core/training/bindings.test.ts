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
