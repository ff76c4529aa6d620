import { describe, expect, it } from 'vitest';
import { DataType } from '../../tensor/data-type.ts';
import {
  floatAttribute,
  floatsAttribute,
  graphAttribute,
  intAttribute,
  intsAttribute,
  mapSubgraphs,
  stringAttribute,
  subgraphs,
  tensorAttribute,
} from './attributes.ts';
import { makeGraph, makeNode, makeTensor, makeValueInfo } from './make.ts';

describe('makeNode', () => {
  it('writes each kind of attribute so that it reads back', () => {
    const value = makeTensor('', [1], new Float32Array([7]));
    const body = makeGraph({ nodes: [], outputs: [] });
    const node = makeNode('Op', ['x', ''], ['y'], {
      axis: -1,
      end: 0x7fffffffffffffffn,
      perm: [0, 2, 1],
      big: [1n, -2n],
      alpha: { float: 1 },
      scales: { floats: [1, 2.5] },
      mode: 'linear',
      names: ['a', 'b'],
      value,
      body,
      absent: undefined,
    });
    expect(intAttribute(node, 'axis', 0)).toBe(-1);
    expect(node.attributes.find((a) => a.name === 'end')?.value).toBe(0x7fffffffffffffffn);
    expect(intsAttribute(node, 'perm')).toEqual([0, 2, 1]);
    expect(intsAttribute(node, 'big')).toEqual([1, -2]);
    expect(floatAttribute(node, 'alpha', 0)).toBe(1);
    expect(floatsAttribute(node, 'scales')).toEqual([1, 2.5]);
    expect(stringAttribute(node, 'mode', '')).toBe('linear');
    expect(node.attributes.find((a) => a.name === 'names')?.kind).toBe('strings');
    expect(tensorAttribute(node, 'value')).toBe(value);
    expect(graphAttribute(node, 'body')).toBe(body);
    expect(node.attributes.some((a) => a.name === 'absent')).toBe(false);
    expect(intAttribute(node, 'alpha', 5)).toBe(5);
  });

  it('refuses a bare number that is no integer', () => {
    expect(() => makeNode('LeakyRelu', ['x'], ['y'], { alpha: 0.1 })).toThrow(
      'Attribute "alpha" was given as 0.1, which is no integer; write { float: 0.1 } for a float attribute.',
    );
  });

  it('maps sub-graphs and keeps the node when none changes', () => {
    const body = makeGraph({ nodes: [], outputs: [] });
    const node = makeNode('If', ['c'], ['y'], { then_branch: body, axis: 1 });
    expect(subgraphs(node)).toEqual([body]);
    expect(mapSubgraphs(node, (g) => g)).toBe(node);
    const renamed = mapSubgraphs(node, (g) => ({ ...g, name: 'other' }));
    expect(graphAttribute(renamed, 'then_branch')?.name).toBe('other');
    expect(body.name).toBe('graph');
  });
});

describe('makeTensor', () => {
  it('shares the memory of a typed array and takes its type', () => {
    const values = new Float32Array([1, 2, 3, 4]).subarray(1, 3);
    const tensor = makeTensor('w', [2], values);
    expect(tensor.dataType).toBe(DataType.float32);
    expect(tensor.data.readSync?.().buffer).toBe(values.buffer);
    expect(tensor.data.readSync?.().byteOffset).toBe(4);
  });

  it('packs sub-byte types', () => {
    const bytes = new Uint8Array([0x21, 0x03]);
    expect(makeTensor('q', [3], { dataType: DataType.uint4, bytes }).data.byteLength).toBe(2);
  });

  it('refuses data that does not fill the shape', () => {
    expect(() => makeTensor('w', [2, 3], new Float32Array(5))).toThrow(
      'Tensor "w" of type float32 and shape [2, 3] takes 24 bytes, but 20 were given; pass data that fills the shape exactly.',
    );
  });
});

describe('makeValueInfo', () => {
  it('takes sizes, symbols and unknown dimensions', () => {
    expect(makeValueInfo('x', DataType.float32, [1, 'batch', undefined]).type?.dims).toEqual([
      { value: 1 },
      { symbol: 'batch' },
      {},
    ]);
    expect(makeValueInfo('x', DataType.float32).type?.dims).toBeUndefined();
  });
});
