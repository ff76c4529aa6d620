import { describe, expect, it } from 'vitest';
import {
  expectedOutput,
  oneLayerModel,
  randomFloats,
  type TestOp,
} from '../../../test/fixtures/methods/models.ts';
import { bytesOfModel, runModel as runWasm } from '../../../test/fixtures/methods/run.ts';
import { runModel as runNode } from '../../../test/support/run-model.ts';
import type { Layer } from '../anatomy/types.ts';
import { GraphBuilder } from '../onnx/build/graph-builder.ts';
import { memoryData } from '../onnx/tensor-data.ts';
import type { Model } from '../onnx/types.ts';
import { writeModel } from '../onnx/write.ts';
import { seededRandom } from '../random/seeded.ts';
import { DataType } from '../tensor/data-type.ts';
import {
  decodeWeight,
  E2M1,
  E8M0,
  fillingsOf,
  fixedTable,
  levelsOf,
  NF4,
  opsetOf,
  SIGNS,
  writeEncodings,
  type Coded,
  type Encoded,
} from './index.ts';
import { sampleOf } from './sample.ts';

/** Rows no byte and columns no block divides. */
const SHAPE = { rows: 7, columns: 45 };
const FLOAT32 = { dataType: DataType.float32 };
const FLOAT16 = { dataType: DataType.float16 };
const HALF: Encoded = { kind: 'plain', ...FLOAT16 };
const FLOAT: Encoded = { kind: 'plain', ...FLOAT32 };

function codes(
  bits: Coded['bits'],
  size: number | 'channel' | 'tensor',
  more: Partial<Coded> = {},
) {
  const block = typeof size === 'number';
  const coded: Coded = {
    ...{ kind: 'coded', bits, grid: 'integer', scales: FLOAT32 },
    granularity: block ? 'block' : size,
    groupSize: block ? size : SHAPE.columns,
    ...more,
  };
  return coded;
}

const powers = (bits: number) =>
  fixedTable(
    `powers_${bits}`,
    [1, -1].flatMap((sign) => Array.from({ length: 2 ** (bits - 1) }, (_, k) => sign * 2 ** -k)),
  );

/** What published methods store; each on its own line of DESIGN's list of exports. */
const METHODS: Readonly<Record<string, Encoded>> = {
  'power-of-two, 2 bits': codes(2, 'channel', { grid: powers(2) }),
  'power-of-two, 4 bits, table of the tensor': codes(4, 'tensor', {
    grid: { shared: 'tensor', ...FLOAT16 },
  }),
  'HQQ, 4 bits': codes(4, 16, { scales: FLOAT16, zeros: FLOAT16 }),
  'HQQ, 3 bits in one block per row': codes(3, 'channel', { zeros: FLOAT32 }),
  NF4: codes(4, 16, { grid: NF4 }),
  'NF4, double quantization': codes(4, 16, {
    grid: NF4,
    scales: { coded: codes(8, 4, { zeros: FLOAT32 }) },
  }),
  MXFP4: codes(4, 32, {
    grid: E2M1,
    scales: { coded: codes(8, 'tensor', { grid: E8M0, scales: undefined }) },
  }),
  'k-means, one table per row': codes(3, 'channel', {
    grid: { shared: 'row', ...FLOAT32 },
    scales: undefined,
  }),
  'binary-coded, 3 planes': {
    kind: 'sum',
    parts: [1, 2, 3].map(() => codes(1, 16, { grid: SIGNS, scales: FLOAT16 })),
  },
  '5 bits': codes(5, 16, { zeros: { dataType: DataType.uint8 } }),
  '6 bits, no scales': codes(6, 'channel', { scales: undefined }),
  '7 bits': codes(7, 'tensor'),
  'sparse, a third kept': { kind: 'masked', keep: 105, values: FLOAT },
  'sparse, quantized': { kind: 'masked', keep: 101, values: codes(4, 16) },
  'sparse, nothing kept': { kind: 'masked', keep: 0, values: FLOAT },
  'low rank': { kind: 'product', rank: 3, left: FLOAT, right: HALF },
  'low rank of codes': { kind: 'product', rank: 16, left: codes(4, 16), right: codes(3, 16) },
  'codes + low rank': {
    kind: 'sum',
    parts: [codes(4, 16), { kind: 'product', rank: 2, left: HALF, right: HALF }],
  },
  'codes + outliers': {
    kind: 'sum',
    parts: [codes(3, 16), { kind: 'masked', keep: 9, values: HALF }],
  },
  'a sum of one': { kind: 'sum', parts: [codes(4, 16)] },
  'unfolded input scale': { kind: 'scaled', axis: 'columns', by: FLOAT32, of: codes(8, 16) },
  'unfolded output scale': { kind: 'scaled', axis: 'rows', by: FLOAT16, of: codes(4, 'channel') },
  'scaled scaled values': {
    kind: 'scaled',
    ...{ axis: 'rows', by: FLOAT32 },
    of: { kind: 'scaled', axis: 'columns', by: FLOAT32, of: FLOAT },
  },
  'half values': HALF,
  'bfloat16 values': { kind: 'plain', dataType: DataType.bfloat16 },
};

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

/** logits = Gather(E, ids)·Eᵀ with one initializer E, as a tied language model has it. */
function tiedModel(): { model: Model; layers: Layer[] } {
  const g = new GraphBuilder('tied');
  const x = g.input('ids', 'int64', [1, 3]);
  const e = g.floats('E', [7, 45], randomFloats(7 * 45, 2));
  const rows = g.op('Gather', [e, x], { axis: 0 });
  const logits = g.op('MatMul', [rows, g.op('Transpose', [e], { perm: [1, 0] })]);
  g.output(rows, 'float32', [1, 3, 45], 'rows');
  g.output(logits, 'float32', [1, 3, 7], 'logits');
  const common = { weight: 'E', outFeatures: 7, inFeatures: 45, layout: 'out-in' } as const;
  const head = { role: 'output-head', group: 'output-head' } as const;
  const embedding = { role: 'embedding', group: 'embedding' } as const;
  return {
    model: g.finish({ opset: 21, irVersion: 10 }),
    layers: [
      { ...common, ...embedding, name: 'E', output: 'rows', op: 'Gather', input: 'ids' },
      { ...common, ...head, name: 'E (head)', output: 'logits', op: 'MatMul', input: 'rows' },
    ],
  };
}

describe('a weight that an embedding and an output head share', () => {
  it.each(Object.keys(METHODS))('is stored once: %s', async (name) => {
    const { model, layers } = tiedModel();
    const encoded = sampleOf(METHODS[name], SHAPE, seededRandom(3, name));
    const shared = layers.map((layer) => ({ layer, encoded, shareable: true }));
    const written = writeEncodings(model, shared);
    expect(written.bytes.get('logits')).toBe(0);
    expect(fillingsOf(written.slots.get('logits') ?? { names: ['none'] }, encoded).size).toBe(0);
    const stored = written.model.graph.initializers.filter(
      ({ name: n }) => !n.startsWith('lathe_'),
    );
    const total = stored.reduce((sum, { data }) => sum + data.byteLength, 0);
    expect(written.bytes.get('rows')).toBe(total);

    const w = decodeWeight(encoded, 7, 45);
    const ids = [4, 6, 0];
    const out = await runWasm(written.model, {
      ids: { dims: [1, 3], data: BigInt64Array.from(ids, BigInt) },
    });
    const picked = ids.flatMap((i) => [...w.subarray(i * 45, (i + 1) * 45)]);
    const logits = ids.flatMap((_, t) =>
      Array.from({ length: 7 }, (__, v) => {
        let sum = 0;
        for (let c = 0; c < 45; c++) sum += picked[t * 45 + c] * w[v * 45 + c];
        return sum;
      }),
    );
    for (const [found, want] of [
      [out['rows'], picked],
      [out['logits'], logits],
    ] as const) {
      const largest = Math.max(...want.map(Math.abs));
      const worst = Math.max(...want.map((value, i) => Math.abs(value - found[i])));
      expect(worst).toBeLessThan((largest + 1) * 2 * 45 * 2 ** -24);
    }
  });

  it('is stored twice when the two encodings differ or come from data', () => {
    const { model, layers } = tiedModel();
    const both = (shareable: boolean, encoded: Encoded) =>
      writeEncodings(model, [
        { layer: layers[0], encoded: METHODS['NF4'], shareable },
        { layer: layers[1], encoded, shareable },
      ]).bytes.get('logits');
    expect(both(true, METHODS['NF4'])).toBe(0);
    expect(both(false, METHODS['NF4'])).toBeGreaterThan(0);
    expect(both(true, codes(4, 32, { grid: NF4 }))).toBeGreaterThan(0);
    expect(both(true, HALF)).toBeGreaterThan(0);
  });
});

describe('an expression', () => {
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

  it('shows the values its first group can take', () => {
    const grid = codes(2, 2, {
      scales: { ...FLOAT32, values: Float32Array.of(0.5, 2) },
      zeros: { ...FLOAT32, values: Float32Array.of(1.5, 0) },
      codes: Uint8Array.of(0, 1, 2, 3),
    });
    expect(levelsOf(grid)).toEqual(Float32Array.of(-0.75, -0.25, 0.25, 0.75));
    const signs = (scale: number): Encoded =>
      codes(1, 'tensor', {
        grid: SIGNS,
        scales: { ...FLOAT32, values: Float32Array.of(scale) },
        codes: new Uint8Array(1),
      });
    expect(levelsOf({ kind: 'sum', parts: [signs(1), signs(0.5)] })).toEqual(
      Float32Array.of(-1.5, -0.5, 0.5, 1.5),
    );
    expect(levelsOf({ kind: 'masked', keep: 1, values: signs(2) })).toEqual(
      Float32Array.of(0, -2, 2),
    );
    const by = { ...FLOAT32, values: Float32Array.of(3) };
    expect(levelsOf({ kind: 'scaled', axis: 'columns', by, of: signs(2) })).toEqual(
      Float32Array.of(-6, 6),
    );
    expect(levelsOf(METHODS['low rank'])).toBeUndefined();
    expect(levelsOf(METHODS['NF4'])).toBeUndefined();
  });

  it('says which operator set it needs', () => {
    expect(opsetOf(METHODS['sparse, quantized'])).toBe(11);
    expect(opsetOf(METHODS['codes + low rank'])).toBe(10);
    expect(opsetOf(METHODS['codes + outliers'])).toBe(11);
    expect(opsetOf(METHODS['k-means, one table per row'])).toBe(11);
    expect(opsetOf(FLOAT)).toBe(1);
  });
});
