import { describe, expect, it } from 'vitest';
import { randomFloats, seeded } from '../../../../test/fixtures/methods/models.ts';
import { runModel } from '../../../../test/fixtures/methods/run.ts';
import { findLayers } from '../../anatomy/layers.ts';
import { readWeight } from '../../methods/weight.ts';
import { GraphBuilder } from '../../onnx/build/graph-builder.ts';
import type { Model } from '../../onnx/types.ts';
import { DataType, elementCount } from '../../tensor/data-type.ts';
import { packBits } from '../../tensor/sub-byte.ts';
import { decodeStored, FP4, NF4, storedWeights } from '../index.ts';

const [TOKENS, ROWS, COLUMNS] = [5, 12, 32];

/** Whole numbers in [low, high]. */
function wholes(count: number, low: number, high: number, seed: number): number[] {
  const next = seeded(seed);
  return Array.from(
    { length: count },
    () => low + Math.floor(((next() + 1) / 2) * (high - low + 1)),
  );
}

const scalesOf = (count: number): Float32Array =>
  randomFloats(count, 3).map((value) => 0.01 + Math.abs(value) / 50);

interface Case {
  readonly text: string;
  /** Makes y of x; `weight` is W[r, c] in plain arithmetic. */
  build(g: GraphBuilder, x: string): string;
  weight(r: number, c: number): number;
  readonly lookUp?: boolean;
  readonly opset?: number;
}

const nibbles = (codes: readonly number[], dims: readonly number[], signed: boolean) => ({
  dataType: signed ? DataType.int4 : DataType.uint4,
  bytes: packBits(
    Uint8Array.from(codes.slice(0, elementCount(dims)), (v) => v & 15),
    4,
  ),
});
const MS = { domain: 'com.microsoft' };

const int8 = wholes(ROWS * COLUMNS, -128, 127, 11);
const uint8 = wholes(ROWS * COLUMNS, 0, 255, 12);
const int4 = wholes(ROWS * COLUMNS, -8, 7, 13);
const uint4 = wholes(ROWS * COLUMNS, 0, 15, 14);
const perRow = scalesOf(ROWS);
const blocks = scalesOf(ROWS * 2);
const zeros8 = wholes(ROWS, 100, 150, 15);
const zeros4 = wholes(ROWS * 2, 4, 11, 16);
/** Codes stored [in, out]. */
const turned = (codes: readonly number[]) =>
  Array.from(
    { length: codes.length },
    (_, i) => codes[(i % ROWS) * COLUMNS + Math.floor(i / ROWS)],
  );
const at = (r: number, c: number): number => r * COLUMNS + c;
const block = (r: number, c: number): number => r * 2 + Math.floor(c / 16);

const CASES: readonly Case[] = [
  {
    text: 'int8 per channel with zero points, DequantizeLinear',
    build: (g, x) => {
      const codes = g.initializer('w', [COLUMNS, ROWS], Int8Array.from(turned(int8)));
      const zero = g.initializer('z', [ROWS], new Int8Array(ROWS).fill(3));
      const inputs = [codes, g.floats('s', [ROWS], perRow), zero];
      return g.op('MatMul', [x, g.op('DequantizeLinear', inputs, { axis: 1 })]);
    },
    weight: (r, c) => perRow[r] * (int8[at(r, c)] - 3),
  },
  {
    text: 'int8 per tensor with zero points, DequantizeLinear',
    build: (g, x) => {
      const codes = g.initializer('w', [ROWS, COLUMNS], Uint8Array.from(uint8));
      const zero = g.initializer('z', [], Uint8Array.of(120));
      const float = g.op('DequantizeLinear', [codes, g.floats('s', [], [0.02]), zero]);
      return g.op('MatMul', [x, g.op('Transpose', [float], { perm: [1, 0] })]);
    },
    weight: (r, c) => Math.fround(0.02) * (uint8[at(r, c)] - 120),
  },
  {
    text: 'int4 block 16 symmetric, DequantizeLinear',
    opset: 21,
    build: (g, x) => {
      const dims = [COLUMNS, ROWS];
      const codes = g.initializer('w', dims, nibbles(turned(int4), dims, true));
      const laid = Array.from(blocks, (_, i) => blocks[(i % ROWS) * 2 + Math.floor(i / ROWS)]);
      const inputs = [codes, g.floats('s', [2, ROWS], laid)];
      return g.op('MatMul', [x, g.op('DequantizeLinear', inputs, { axis: 0, block_size: 16 })]);
    },
    weight: (r, c) => blocks[block(r, c)] * int4[at(r, c)],
  },
  {
    text: 'int4 per channel with zero points, DequantizeLinear',
    opset: 21,
    build: (g, x) => {
      const dims = [ROWS, COLUMNS];
      const codes = g.initializer('w', dims, nibbles(uint4, dims, false));
      const zero = g.initializer('z', [ROWS], nibbles(zeros4.slice(0, ROWS), [ROWS], false));
      const inputs = [codes, g.floats('s', [ROWS], perRow), zero];
      const float = g.op('DequantizeLinear', inputs, { axis: 0 });
      return g.op('Gemm', [x, float], { transB: 1 });
    },
    weight: (r, c) => perRow[r] * (uint4[at(r, c)] - zeros4[r]),
  },
  {
    text: '8-bit codes, unpacked by standard operators',
    build: (g, x) => {
      const codes = g.initializer('w', [COLUMNS, ROWS], Int8Array.from(turned(int8)));
      const scales = g.floats('s', [COLUMNS], scalesOf(COLUMNS));
      return g.op('MatMul', [x, g.op('DequantizeLinear', [codes, scales], { axis: 0 })]);
    },
    weight: (r, c) => scalesOf(COLUMNS)[c] * int8[at(r, c)],
  },
  {
    text: '4-bit codes, unpacked by standard operators',
    opset: 18,
    build: (g, x) => {
      const packed = packBits(Uint8Array.from(uint4), 4);
      const bytes = g.initializer('w', [ROWS, COLUMNS / 2], packed);
      const low = g.op('BitwiseAnd', [bytes, g.initializer('mask', [], Uint8Array.of(15))]);
      const four = g.initializer('four', [], Uint8Array.of(4));
      const high = g.op('BitShift', [bytes, four], { direction: 'RIGHT' });
      const axis = g.integers('axis', [2]);
      const pair = [low, high].map((value) => g.op('Unsqueeze', [value, axis]));
      const together = g.op('Concat', pair, { axis: 2 });
      const codes = g.op('Reshape', [together, g.integers('shape', [ROWS, COLUMNS])]);
      const centred = g.op('Sub', [g.op('Cast', [codes], { to: 1 }), g.floats('c', [], [8])]);
      const float = g.op('Mul', [centred, g.floats('s', [ROWS, 1], perRow)]);
      return g.op('MatMul', [x, g.op('Transpose', [float], { perm: [1, 0] })]);
    },
    weight: (r, c) => perRow[r] * (uint4[at(r, c)] - 8),
  },
  {
    text: 'int4 block 16 with zero points, MatMulNBits',
    build: (g, x) => {
      const codes = g.initializer('w', [ROWS, 2, 8], packBits(Uint8Array.from(uint4), 4));
      const zero = g.floats(
        'z',
        [ROWS, 2],
        zeros4.map((value) => value + 0.5),
      );
      const inputs = [x, codes, g.floats('s', [ROWS * 2], blocks), zero];
      const sizes = { K: COLUMNS, N: ROWS, bits: 4, block_size: 16 };
      return g.op('MatMulNBits', inputs, sizes, MS);
    },
    weight: (r, c) => blocks[block(r, c)] * (uint4[at(r, c)] - zeros4[block(r, c)] - 0.5),
  },
  ...[FP4, NF4].map((table, type): Case => ({
    text: `${table.name} block 16, MatMulBnb4`,
    build: (g, x) => {
      // The first of two codes lies in the high bits.
      const swapped = Uint8Array.from(uint4, (_, i) => uint4[i ^ 1]);
      const codes = g.initializer('w', [(ROWS * COLUMNS) / 2], packBits(swapped, 4));
      const sizes = { K: COLUMNS, N: ROWS, block_size: 16, quant_type: type };
      return g.op('MatMulBnb4', [x, codes, g.floats('s', [ROWS * 2], blocks)], sizes, MS);
    },
    weight: (r, c) => blocks[block(r, c)] * table.values[uint4[at(r, c)]],
  })),
  {
    text: 'int4 block 16 with zero points, GatherBlockQuantized',
    lookUp: true,
    build: (g, x) => {
      const dims = [ROWS, COLUMNS];
      const codes = g.initializer('w', dims, nibbles(uint4, dims, false));
      const inputs = [codes, x, g.floats('s', [ROWS, 2], blocks)];
      const sizes = { block_size: 16, gather_axis: 0, quantize_axis: 1 };
      return g.op('GatherBlockQuantized', inputs, sizes, MS);
    },
    weight: (r, c) => blocks[block(r, c)] * uint4[at(r, c)],
  },
  {
    text: 'int8 per tensor with zero points, DequantizeLinear',
    lookUp: true,
    build: (g, x) => {
      const table = g.initializer('w', [ROWS, COLUMNS], Uint8Array.from(uint8));
      const zero = g.initializer('z', [], Uint8Array.of(77));
      const rows = g.op('Gather', [table, x]);
      return g.op('DequantizeLinear', [rows, g.floats('s', [], [0.03]), zero]);
    },
    weight: (r, c) => Math.fround(0.03) * (uint8[at(r, c)] - 77),
  },
];

function built(test: Case): Model {
  const { lookUp, opset = 17 } = test;
  const g = new GraphBuilder();
  const x = lookUp ? g.input('x', 'int64', [TOKENS]) : g.input('x', 'float32', [TOKENS, COLUMNS]);
  g.output(test.build(g, x), 'float32', [TOKENS, lookUp ? COLUMNS : ROWS], 'y');
  return g.finish({ opset, irVersion: 10, domains: { 'com.microsoft': 1 } });
}

function fed({ lookUp }: Case) {
  const ids = BigInt64Array.of(0n, 3n, 11n, 7n, 3n);
  return lookUp
    ? { x: { dims: [TOKENS], data: ids } }
    : { x: { dims: [TOKENS, COLUMNS], data: randomFloats(TOKENS * COLUMNS, 7) } };
}

describe('weights as other tools store them', () => {
  it.each(CASES)('$text (look-up: $lookUp)', async (test) => {
    const model = built(test);
    const layers = findLayers(model);
    expect(layers.map(({ stored }) => stored?.text)).toEqual([test.text]);
    const { values } = await readWeight(model, layers[0]);
    values.forEach((value, i) => {
      const want = test.weight(Math.floor(i / COLUMNS), i % COLUMNS);
      expect(Math.abs(value - want)).toBeLessThanOrEqual(Math.abs(want) * 2 ** -23);
    });
    const plain = await decodeStored(model, layers);
    expect(storedWeights(plain).size).toBe(0);
    const [before, after] = [await runModel(model, fed(test)), await runModel(plain, fed(test))];
    const largest = Math.max(...before['y'].map(Math.abs));
    const worst = Math.max(...before['y'].map((value, i) => Math.abs(value - after['y'][i])));
    expect(worst).toBeLessThanOrEqual(largest * 2 * COLUMNS * 2 ** -24);
  });

  it('reads integer products whose inputs are rounded as they come', async () => {
    const g = new GraphBuilder();
    const x = g.input('x', 'float32', [TOKENS, COLUMNS]);
    const [q, scale, zero] = g.ops('DynamicQuantizeLinear', [x], 3);
    const codes = g.initializer('w', [COLUMNS, ROWS], Uint8Array.from(turned(uint8)));
    const zeros = g.initializer('z', [ROWS], Uint8Array.from(zeros8));
    const sums = g.op('MatMulInteger', [q, codes, zero, zeros]);
    const both = g.op('Mul', [scale, g.floats('s', [ROWS], perRow)]);
    const product = g.op('Mul', [g.op('Cast', [sums], { to: 1 }), both]);
    g.output(g.op('Add', [product, g.floats('b', [ROWS], perRow)]), 'float32', [TOKENS, ROWS], 'y');
    const model = g.finish();
    const [layer, ...others] = findLayers(model);
    expect(others).toEqual([]);
    expect(layer).toMatchObject({
      ...{ input: 'x', op: 'MatMul', outFeatures: ROWS, inFeatures: COLUMNS, bias: 'b' },
      stored: {
        bits: 8,
        text: 'int8 per channel with zero points, MatMulInteger, input rounded to 8 bits',
      },
    });
    const { values } = await readWeight(model, layer);
    const weight = uint8.map((code, i) => {
      const row = Math.floor(i / COLUMNS);
      return Math.fround(perRow[row] * (code - zeros8[row]));
    });
    expect([...values]).toEqual(weight);
    const plain = await decodeStored(model, [layer]);
    expect(plain.graph.nodes.map(({ opType }) => opType)).toEqual(['MatMul', 'Add']);
    const data = randomFloats(TOKENS * COLUMNS, 7);
    const { y } = await runModel(plain, { x: { dims: [TOKENS, COLUMNS], data } });
    y.forEach((value, i) => {
      const [t, r] = [Math.floor(i / ROWS), i % ROWS];
      let want = perRow[r];
      for (let c = 0; c < COLUMNS; c++) want += data[t * COLUMNS + c] * weight[at(r, c)];
      expect(Math.abs(value - want)).toBeLessThan(COLUMNS * 4 * 2 ** -23);
    });
  });

  it('reads integer convolutions', async () => {
    const g = new GraphBuilder();
    const x = g.input('x', 'float32', [1, 2, 6, 6]);
    const [q, scale, zero] = g.ops('DynamicQuantizeLinear', [x], 3);
    const codes = Int8Array.from(int8.slice(0, 3 * 2 * 9));
    const sums = g.op('ConvInteger', [q, g.initializer('w', [3, 2, 3, 3], codes), zero], {
      pads: [1, 1, 1, 1],
    });
    const both = g.op('Mul', [scale, g.floats('s', [], [0.02])]);
    const y = g.op('Mul', [g.op('Cast', [sums], { to: 1 }), both]);
    g.output(y, 'float32', [1, 3, 6, 6], 'y');
    const model = g.finish();
    const [layer] = findLayers(model);
    expect(layer).toMatchObject({ op: 'Conv', outFeatures: 3, inFeatures: 18, input: 'x' });
    const plain = await decodeStored(model, [layer]);
    const feed = { x: { dims: [1, 2, 6, 6], data: randomFloats(72, 7) } };
    const [before, after] = [await runModel(model, feed), await runModel(plain, feed)];
    // The input is rounded to 255 steps over less than 2: half a step in each of 18 products below 2.56.
    const bound = 18 * 2.56 * (1 / 255);
    const worst = Math.max(...before['y'].map((value, i) => Math.abs(value - after['y'][i])));
    expect(worst).toBeLessThan(bound);
    expect(worst).toBeGreaterThan(0);
  });

  it('leaves the rounding of activations as it is', async () => {
    const g = new GraphBuilder();
    const x = g.input('x', 'float32', [TOKENS, COLUMNS]);
    const range = [g.floats('xs', [], [1 / 64]), g.initializer('xz', [], Uint8Array.of(128))];
    const rounded = g.op('DequantizeLinear', [g.op('QuantizeLinear', [x, ...range]), ...range]);
    const codes = g.initializer('w', [COLUMNS, ROWS], Int8Array.from(turned(int8)));
    const float = g.op('DequantizeLinear', [codes, g.floats('s', [], [0.02])]);
    g.output(g.op('MatMul', [rounded, float]), 'float32', [TOKENS, ROWS], 'y');
    const model = g.finish();
    const [layer, ...others] = findLayers(model);
    expect([layer.stored?.text, others]).toEqual([
      'int8 per tensor symmetric, DequantizeLinear',
      [],
    ]);
    const plain = await decodeStored(model, [layer]);
    const types = plain.graph.nodes.map(({ opType }) => opType);
    expect(types).toEqual(['QuantizeLinear', 'DequantizeLinear', 'MatMul']);
  });

  it('says nothing of what it cannot read: reordered columns, sizes that do not fit', () => {
    const g = new GraphBuilder();
    const x = g.input('x', 'float32', [TOKENS, COLUMNS]);
    const codes = g.initializer('w', [ROWS, 2, 8], new Uint8Array(ROWS * 16));
    const scales = g.floats('s', [ROWS * 2], blocks);
    const order = g.initializer('g', [COLUMNS], new Int32Array(COLUMNS));
    const sizes = { K: COLUMNS, N: ROWS, bits: 4, block_size: 16 };
    const ordered = g.op('MatMulNBits', [x, codes, scales, '', order], sizes, MS);
    const wrong = g.op('MatMulNBits', [x, codes, scales], { ...sizes, K: 64 }, MS);
    g.output(g.op('Add', [ordered, wrong]), 'float32', [TOKENS, ROWS], 'y');
    expect(storedWeights(g.finish({ domains: { 'com.microsoft': 1 } })).size).toBe(0);
  });
});
