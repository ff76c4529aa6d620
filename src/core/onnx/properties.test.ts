import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plain, withoutOrigin } from '../../../test/support/onnx.ts';
import { byteLengthOf, DataType } from '../tensor/data-type.ts';
import { readModel } from './read.ts';
import { bytesSource } from './source.ts';
import { memoryData } from './tensor-data.ts';
import type { Attribute, Graph, Model, Node, Tensor, ValueInfo } from './types.ts';
import { modelParts, writeModel } from './write.ts';

const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
const text = fc.string({ unit: 'grapheme', maxLength: 20 });
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const float32 = fc.float({ noNaN: true });
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const listOf = <T>(arbitrary: fc.Arbitrary<T>) => fc.array(arbitrary, { maxLength: 4 });

const NUMERIC = Object.entries(DataType)
  .filter(([type]) => type !== 'undefined' && type !== 'string')
  .map(([, number]) => number);

const tensor: fc.Arbitrary<Tensor> = fc
  .tuple(fc.constantFrom(...NUMERIC), fc.array(fc.nat(5), { maxLength: 4 }), text, optional(text))
  .chain(([dataType, dims, tensorName, docString]) => {
    const length = byteLengthOf(dataType, dims);
    const raw = fc.uint8Array({ minLength: length, maxLength: length });
    return raw.map((value) => ({
      name: tensorName,
      dataType,
      dims,
      data: memoryData(value),
      docString,
    }));
  });

const dimension = fc.oneof(
  fc.record({ value: fc.nat(2 ** 31 - 1) }),
  fc.record({ symbol: name }),
  fc.constant({}),
);

const valueInfo = (valueName: fc.Arbitrary<string>): fc.Arbitrary<ValueInfo> =>
  fc.record({
    name: valueName,
    type: optional(
      fc.record({ dataType: fc.constantFrom(...NUMERIC), dims: optional(listOf(dimension)) }),
    ),
    docString: optional(text),
  });

const { graph, attribute } = fc.letrec<{ graph: Graph; attribute: Attribute; node: Node }>(
  (tie) => ({
    attribute: fc.oneof(
      { maxDepth: 2, depthIdentifier: 'graphs' },
      fc.record({ name, kind: fc.constant('int' as const), value: int64 }),
      fc.record({ name, kind: fc.constant('ints' as const), value: listOf(int64) }),
      fc.record({ name, kind: fc.constant('float' as const), value: float32 }),
      fc.record({ name, kind: fc.constant('floats' as const), value: listOf(float32) }),
      fc.record({ name, kind: fc.constant('string' as const), value: fc.uint8Array() }),
      fc.record({ name, kind: fc.constant('strings' as const), value: listOf(fc.uint8Array()) }),
      fc.record({ name, kind: fc.constant('tensor' as const), value: tensor }),
      fc.record({ name, kind: fc.constant('tensors' as const), value: listOf(tensor) }),
      fc.record({ name, kind: fc.constant('graph' as const), value: tie('graph') }),
      fc.record({ name, kind: fc.constant('graphs' as const), value: fc.tuple(tie('graph')) }),
    ),
    // No inputs: any wiring would have to be valid, and wiring is not what is encoded here.
    node: fc.record({
      name: text,
      opType: name,
      domain: text,
      overload: optional(name),
      inputs: fc.constantFrom([], [''], ['', '']),
      outputs: fc.constantFrom([], ['']),
      attributes: fc.array(tie('attribute'), { maxLength: 2 }),
      docString: optional(text),
      metadata: optional(
        fc.array(fc.record({ key: name, value: text }), { minLength: 1, maxLength: 2 }),
      ),
    }),
    graph: fc.record({
      name: text,
      nodes: fc.array(tie('node'), { maxLength: 3 }),
      initializers: fc.uniqueArray(tensor, { maxLength: 3, selector: (t) => t.name }),
      inputs: fc.uniqueArray(valueInfo(name), { maxLength: 2, selector: (v) => v.name }),
      outputs: fc.constant([]),
      valueInfo: fc.array(valueInfo(name), { maxLength: 2 }),
      docString: optional(text),
    }),
  }),
);

const model: fc.Arbitrary<Model> = fc.record({
  irVersion: fc.integer({ min: 3, max: 13 }),
  producerName: optional(text),
  producerVersion: optional(text),
  domain: optional(text),
  modelVersion: optional(int64),
  docString: optional(text),
  opsets: fc.array(fc.record({ domain: text, version: fc.nat(30) }), {
    minLength: 1,
    maxLength: 3,
  }),
  graph,
  metadata: listOf(fc.record({ key: name, value: text })),
  functions: fc.constant([]),
});

describe('any model', () => {
  it('is the same after writing and reading, and its size is known before', async () => {
    const check = async (value: Model) => {
      const { byteLength } = modelParts(value);
      const file = await writeModel(value);
      expect(file.byteLength).toBe(byteLength);
      const again = await readModel(bytesSource(file));
      expect(await plain(again)).toEqual(await plain(value));
      expect(Buffer.compare(await writeModel(again), file)).toBe(0);
      expect(Buffer.compare(await writeModel(withoutOrigin(again)), file)).toBe(0);
    };
    await fc.assert(fc.asyncProperty(model, check), { seed: 7, numRuns: 400 });
  });

  it('keeps everything but the one part that was replaced', async () => {
    const check = async (value: Model, extra: Attribute) => {
      const read = await readModel(bytesSource(await writeModel(value)));
      const node: Node = {
        name: '',
        opType: 'Op',
        domain: '',
        inputs: [],
        outputs: [],
        attributes: [extra],
      };
      const edited = { ...read, graph: { ...read.graph, nodes: [...read.graph.nodes, node] } };
      const again = await readModel(bytesSource(await writeModel(edited)));
      expect(await plain(again)).toEqual(await plain(edited));
    };
    await fc.assert(fc.asyncProperty(model, attribute, check), { seed: 8, numRuns: 200 });
  });
});
