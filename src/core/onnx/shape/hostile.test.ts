import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DataType } from '../../tensor/data-type.ts';
import { plannedData } from '../tensor-data.ts';
import type { AttributeInput } from '../graph/make.ts';
import { makeGraph, makeModel, makeNode, makeTensor, makeValueInfo } from '../graph/make.ts';
import { OPERATORS } from '../operators/table.ts';
import type { Tensor } from '../types.ts';
import { foldConstants } from './fold.ts';
import { inferShapes } from './infer.ts';

/** Attribute names some rule reads, so that nonsense reaches every branch. */
const NAMES = [
  ...new Set([
    ...OPERATORS.flatMap((entry) => entry.attributes),
    ...['axis', 'axes', 'shape', 'split', 'value_ints', 'batch_dims', 'scan_input_axes', 'dtype'],
  ]),
];

const size = fc.oneof(
  fc.integer({ min: -2, max: 6 }),
  fc.constantFrom(2 ** 31, Number.MAX_SAFE_INTEGER),
  fc.constantFrom('s', 'batch', 's + batch', '((', undefined),
);
const whole = fc.oneof(
  fc.integer({ min: -3, max: 5 }),
  fc.constantFrom(2 ** 31, -(2 ** 31), 2 ** 52),
);
const body = makeGraph({
  nodes: [makeNode('Add', ['p', 'in0'], ['q'])],
  inputs: [makeValueInfo('p', DataType.int64, [])],
  outputs: [{ name: 'q' }, { name: 'in1' }],
});
const attributeValue: fc.Arbitrary<AttributeInput> = fc.oneof(
  whole,
  fc.array(whole, { maxLength: 4 }),
  fc.constantFrom<AttributeInput>('ij,jk->ik', '...ij,...', 'SAME_UPPER', { float: 0.5 }, body),
);
const input = fc.oneof(
  fc.record({ dims: fc.array(size, { maxLength: 5 }), type: fc.constantFrom(1, 7, 2, 9, 10) }),
  fc.array(whole, { maxLength: 5 }).map((values) => ({ values })),
  fc.constant({ omitted: true } as const),
);

const node = fc.record({
  entry: fc.constantFrom(...OPERATORS),
  inputs: fc.array(input, { maxLength: 6 }),
  attributes: fc.dictionary(fc.constantFrom(...NAMES), attributeValue, { maxKeys: 5 }),
  outputs: fc.integer({ min: 0, max: 4 }),
});

describe('inference on nonsense', () => {
  it('never throws and never invents impossible sizes', () => {
    fc.assert(
      fc.property(fc.array(node, { minLength: 1, maxLength: 4 }), (nodes) => {
        const initializers: Tensor[] = [];
        const infos = nodes[0].inputs.flatMap((given, i) => {
          const name = `in${i}`;
          if ('values' in given) {
            const data = BigInt64Array.from(given.values, BigInt);
            initializers.push(makeTensor(name, [given.values.length], data));
          }
          return 'dims' in given ? [makeValueInfo(name, given.type, given.dims)] : [];
        });
        const made = nodes.map(({ entry, inputs, attributes, outputs }, at) =>
          makeNode(
            entry.name,
            inputs.map((given, i) =>
              'omitted' in given ? '' : at > 0 && i === 0 ? `n${at - 1}_0` : `in${i}`,
            ),
            Array.from({ length: outputs }, (_, i) => `n${at}_${i}`),
            attributes,
            entry.domain,
          ),
        );
        const graph = makeGraph({ nodes: made, inputs: infos, outputs: [], initializers });
        const shapes = inferShapes(makeModel(graph), { s: 4 });
        for (const output of made.flatMap((n) => n.outputs)) {
          for (const dim of shapes.typeOf(output)?.dims ?? []) {
            if (typeof dim === 'number') expect(Number.isSafeInteger(dim) && dim >= 0).toBe(true);
          }
          const value = shapes.constant(output);
          if (value) expect(value.data.byteLength).toBeLessThanOrEqual(65536);
        }
        foldConstants(makeModel(graph), { s: 4 });
      }),
      { numRuns: 1200, seed: 11 },
    );
  });

  it('does not read planned tensors, nor weights', () => {
    const planned = { name: 'p', dataType: DataType.int64, dims: [2], data: plannedData(16) };
    let read = 0;
    const bytes = new Uint8Array(4096);
    const weight: Tensor = {
      name: 'w',
      dataType: DataType.float32,
      dims: [1024],
      data: {
        byteLength: 4096,
        read: () => Promise.resolve(bytes),
        readSync: () => {
          read++;
          return bytes;
        },
      },
    };
    const graph = makeGraph({
      nodes: [makeNode('Reshape', ['w', 'p'], ['r']), makeNode('Neg', ['w'], ['n'])],
      initializers: [planned, weight],
      outputs: [{ name: 'r' }],
    });
    const shapes = inferShapes(makeModel(graph));
    expect(shapes.typeOf('r')?.dims).toEqual([undefined, undefined]);
    expect(shapes.typeOf('n')?.dims).toEqual([1024]);
    expect(shapes.constant('n')).toBeUndefined();
    expect(read).toBe(0);
  });
});
