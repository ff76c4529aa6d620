import { describe, expect, it } from 'vitest';
import {
  codes,
  FLOAT,
  FLOAT16,
  FLOAT32,
  HALF,
  METHODS,
  SHAPE,
} from '../../../test/fixtures/encodings/methods.ts';
import {
  expectedOutput,
  oneLayerModel,
  type TestOp,
} from '../../../test/fixtures/methods/models.ts';
import { bytesOfModel, runModel as runWasm } from '../../../test/fixtures/methods/run.ts';
import { runModel as runNode } from '../../../test/support/run-model.ts';
import { memoryData } from '../onnx/tensor-data.ts';
import type { Model } from '../onnx/types.ts';
import { writeModel } from '../onnx/write.ts';
import { seededRandom } from '../random/seeded.ts';
import { DataType } from '../tensor/data-type.ts';
import {
  decodeWeight,
  didOf,
  fillingsOf,
  opsetOf,
  SIGNS,
  writeEncodings,
  type Coded,
  type Encoded,
} from './index.ts';
import { sampleOf } from './sample.ts';

const OPS: readonly TestOp[] = ['MatMul', 'Gemm', 'Gemm-transB', 'Conv', 'Gather'];

function build(name: string, op: TestOp) {
  const { model, layer, input } = oneLayerModel(op, SHAPE.rows, SHAPE.columns, { opset: 21 });
  const encoded = sampleOf(METHODS[name], SHAPE, seededRandom(3, name));
  return { model, layer, input, encoded, structure: METHODS[name] };
}

/** Fills the holes of a planned model. */
function filled(model: Model, fillings: ReadonlyMap<string, Uint8Array>): Model {
  const initializers = model.graph.initializers.map((tensor) => {
    const bytes = fillings.get(tensor.name);
    if (tensor.data.planned !== true) return tensor;
    if (bytes?.byteLength !== tensor.data.byteLength) throw new Error(`hole ${tensor.name}`);
    return { ...tensor, data: memoryData(bytes) };
  });
  return { ...model, graph: { ...model.graph, initializers } };
}

describe.each(Object.keys(METHODS))('%s', (name) => {
  it.each(OPS)('%s computes with what decodeWeight says, on WASM and Node', async (op) => {
    const { model, layer, input, encoded } = build(name, op);
    const written = writeEncodings(model, [{ layer, encoded }]).model;
    const weight = decodeWeight(encoded, SHAPE.rows, SHAPE.columns);
    const expected = expectedOutput(op, weight, SHAPE.rows, SHAPE.columns, input);
    const largest = Math.max(...expected.map(Math.abs));
    // A sum of 45 products, each rounded to float32, in any order, twice for a product of products.
    const tolerance = (largest + 1) * 2 * 45 * 2 ** -24;
    const key = op === 'Gather' ? DataType.int64 : DataType.float32;
    const wasm = (await runWasm(written, { x: input }))['y'];
    const value = { dataType: key, dims: input.dims, data: input.data };
    const node = (await runNode(written, { x: value })).get('y')?.data ?? [];
    for (const y of [wasm, node]) {
      expect(y.length).toBe(expected.length);
      const worst = Math.max(...expected.map((want, i) => Math.abs(Number(y[i]) - want)));
      expect(worst).toBeLessThan(tolerance);
    }
  });

  it.each(['MatMul', 'Gather'] as const)(
    '%s: plan + fillings = file, bytes and all',
    async (op) => {
      const { model, layer, encoded, structure } = build(name, op);
      const planned = writeEncodings(model, [{ layer, encoded: structure }]);
      const real = writeEncodings(model, [{ layer, encoded }]);
      expect(bytesOfModel(planned.model)).toBe(bytesOfModel(real.model));
      const slot = planned.slots.get('y');
      if (slot === undefined) throw new Error('no slot');
      const fillings = fillingsOf(slot, encoded);
      const whole = filled(planned.model, fillings);
      expect(await writeModel(whole)).toEqual(await writeModel(real.model));
      const sizes = [...fillings.values()].map(({ byteLength }) => byteLength);
      expect(planned.bytes.get('y')).toBe(sizes.reduce((total, size) => total + size, 0));
      const constants = whole.graph.initializers.filter(({ name: n }) => !fillings.has(n));
      expect(constants.every(({ name: n }) => n.startsWith('lathe_') || n === 'b')).toBe(true);
    },
  );

  it('has no values while it is planned', () => {
    const planned = METHODS[name];
    expect(() => decodeWeight(planned, SHAPE.rows, SHAPE.columns)).toThrow(
      'This compressed weight is only planned and has no values yet; run the recipe before reading them.',
    );
    const { model, layer } = build(name, 'MatMul');
    const { slots } = writeEncodings(model, [{ layer, encoded: planned }]);
    expect(() => fillingsOf(slots.get('y') ?? { names: [] }, planned)).toThrow(/only planned/);
  });
});

describe('decodeWeight', () => {
  const grid = { kind: 'coded', bits: 4, grid: 'integer', groupSize: 2 } as const;
  const floats = (...values: number[]) => ({ ...FLOAT32, values: Float32Array.from(values) });

  it('is scale · (code − zero)', () => {
    const block: Coded = {
      ...grid,
      granularity: 'block',
      codes: Uint8Array.of(1, 2, 3, 4),
      scales: floats(0.5, 2),
      zeros: { dataType: DataType.uint8, values: Float32Array.of(1, 2) },
    };
    expect(decodeWeight(block, 1, 4)).toEqual(Float32Array.of(0, 0.5, 2, 4));
    const tensor: Coded = {
      ...grid,
      granularity: 'tensor',
      codes: Uint8Array.of(8, 9, 0, 15),
      scales: floats(0.5),
    };
    expect(decodeWeight(tensor, 2, 2)).toEqual(Float32Array.of(0, 0.5, -4, 3.5));
  });

  it('is scale · table[code]', () => {
    const codes = Uint8Array.of(0, 3, 1, 2);
    const rows: Coded = {
      ...{ ...grid, bits: 2, granularity: 'channel', codes, scales: floats(1, 10) },
      grid: { shared: 'row', ...floats(1, 2, 3, 4, 5, 6, 7, 8) },
    };
    expect(decodeWeight(rows, 2, 2)).toEqual(Float32Array.of(1, 4, 60, 70));
  });

  it('rounds to what the file can hold, and cuts what is too large for it', () => {
    const values = Float32Array.of(1, 1 + 2 ** -12, 70000);
    expect(decodeWeight({ ...HALF, values }, 1, 3)).toEqual(Float32Array.of(1, 1, 65504));
  });

  it('puts parts together', () => {
    const plain = (...values: number[]): Encoded => ({ kind: 'plain', ...floats(...values) });
    const product: Encoded = { kind: 'product', rank: 1, left: plain(1, 2), right: plain(3, 4) };
    expect(decodeWeight(product, 2, 2)).toEqual(Float32Array.of(3, 4, 6, 8));
    const masked: Encoded = {
      ...{ kind: 'masked', keep: 2, values: plain(5, 7) },
      mask: Uint8Array.of(0, 1, 1, 0),
    };
    expect(decodeWeight(masked, 2, 2)).toEqual(Float32Array.of(0, 5, 7, 0));
    expect(decodeWeight({ kind: 'sum', parts: [product, masked] }, 2, 2)).toEqual(
      Float32Array.of(3, 9, 13, 8),
    );
    const by = floats(10, 100);
    const scaled = (axis: 'rows' | 'columns'): Encoded => ({
      kind: 'scaled',
      axis,
      by,
      of: product,
    });
    expect(decodeWeight(scaled('columns'), 2, 2)).toEqual(Float32Array.of(30, 400, 60, 800));
    expect(decodeWeight(scaled('rows'), 2, 2)).toEqual(Float32Array.of(30, 40, 600, 800));
  });
});

describe('an expression', () => {
  it('says what was done to the weight', () => {
    const words = ['NF4', 'half values', 'low rank', 'codes + outliers', 'sparse, quantized'];
    expect(words.map((name) => didOf(METHODS[name]))).toEqual([
      'quantized',
      'stored as float16',
      'factored',
      'split into a sum',
      'stored sparse',
    ]);
    expect(didOf(METHODS['unfolded input scale'])).toBe('quantized');
  });

  it('of another kind than was planned is refused', () => {
    const { model, layer } = build('NF4', 'MatMul');
    const slot = writeEncodings(model, [{ layer, encoded: METHODS['NF4'] }]).slots.get('y');
    expect(() =>
      fillingsOf(slot ?? { names: [] }, { ...HALF, values: new Float32Array(315) }),
    ).toThrow(
      'A weight was planned as coded and came back as plain, which takes other tensors; a run may only fill what was planned.',
    );
  });

  it('takes the bytes that its bits say', () => {
    const bitsPerWeight = (encoded: Encoded): number => {
      const { model, layer } = oneLayerModel('MatMul', 32, 256, { opset: 21 });
      const bytes = writeEncodings(model, [{ layer, encoded }]).bytes.get('y') ?? NaN;
      return (8 * bytes) / (32 * 256);
    };
    const wide = (bits: Coded['bits'], more: Partial<Coded> = {}): Coded =>
      codes(bits, 64, { scales: FLOAT16, ...more });
    for (const bits of [1, 2, 3, 4, 5, 6, 7, 8] as const)
      expect(bitsPerWeight(wide(bits))).toBe(bits + 16 / 64);
    const zeros = { dataType: DataType.float16 };
    expect(bitsPerWeight(wide(4, { zeros }))).toBe(4 + 32 / 64);
    expect(bitsPerWeight(wide(4, { grid: { shared: 'row', ...FLOAT16 } }))).toBe(4.25 + 1);
    const planes = [1, 2].map(() => wide(1, { grid: SIGNS }));
    expect(bitsPerWeight({ kind: 'sum', parts: planes })).toBe(2 * (1 + 16 / 64));
    expect(bitsPerWeight({ kind: 'masked', keep: 2048, values: HALF })).toBe(1 + 16 / 4);
    expect(bitsPerWeight({ kind: 'product', rank: 8, left: HALF, right: HALF })).toBe(
      (16 * 8 * (32 + 256)) / (32 * 256),
    );
  });

  it('says which operator set it needs', () => {
    expect(opsetOf(METHODS['sparse, quantized'])).toBe(11);
    expect(opsetOf(METHODS['codes + low rank'])).toBe(10);
    expect(opsetOf(METHODS['codes + outliers'])).toBe(11);
    expect(opsetOf(METHODS['k-means, one table per row'])).toBe(11);
    expect(opsetOf(FLOAT)).toBe(1);
  });
});
