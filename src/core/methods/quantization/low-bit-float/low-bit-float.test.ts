import { describe, expect, it } from 'vitest';
import { columns, rows, vector } from '../../../../../test/golden/load.ts';
import { outputErrorOff, shareMet, tableCases } from '../../../../../test/golden/tables.ts';
import {
  expectedOutput,
  oneLayerModel,
  randomFloats,
  type TestOp,
} from '../../../../../test/fixtures/methods/models.ts';
import { bytesOfModel, runModel } from '../../../../../test/fixtures/methods/run.ts';
import { compressed, encode, formOf } from '../../../../../test/support/methods.ts';
import { decodeWeight, groupOf, requireKind, writeEncodings } from '../../../encodings/index.ts';
import { weightError } from '../../../metrics/weight-error.ts';
import { seededRandom } from '../../../random/seeded.ts';
import { decodeMiniFloat } from '../../../tensor/mini-float.ts';
import { FLOAT4_E2M1, FLOAT6, FLOAT8 } from '../../../tensor/float8.ts';
import { roundToNearest } from '../round-to-nearest/round-to-nearest.ts';
import { options as baselineOptions } from '../round-to-nearest/meta.ts';
import { sharedOptions } from '../../../recipe/shared-options.ts';
import { FORMATS } from './formats.ts';
import { lowBitFloat } from './low-bit-float.ts';
import { meta } from './meta.ts';

type Size = readonly [rows: number, columns: number];

/** Rows that end with blocks and bytes, and rows that do not. */
const SIZES: readonly Size[] = [
  [11, 45],
  [8, 144],
];

async function quantize(values: Float32Array, [r, c]: Size, options: unknown) {
  const { model, layer } = oneLayerModel('MatMul', r, c);
  const parsed = meta.options.parse(options);
  const { encoded } = await encode(lowBitFloat, model, { layer, values }, parsed);
  return requireKind(encoded, 'coded');
}

async function weightOf(values: Float32Array, size: Size, options: unknown) {
  return decodeWeight(await quantize(values, size, options), ...size);
}

const FORMAT_NAMES = Object.keys(FORMATS) as (keyof typeof FORMATS)[];
const SCALES = ['float32', 'float16', 'double', 'power-of-two', 'none'] as const;

/** Seeded normal numbers (Box and Muller). */
function normal(count: number, seed: number): Float32Array {
  const random = seededRandom(seed);
  return Float32Array.from({ length: count }, () => {
    const radius = Math.sqrt(-2 * Math.log(1 - random.next()));
    return 0.02 * radius * Math.cos(2 * Math.PI * random.next());
  });
}

describe('the reference', () => {
  const W = vector('W');
  const golden = (options: unknown) => weightOf(W, [rows, columns], options);

  it.each([
    ['mxfp4_b32', { format: 'fp4-e2m1', blockSize: 32, scales: 'power-of-two' }],
    ['fp8_e4m3_noscale', { format: 'fp8-e4m3', scales: 'none' }],
    ['fp8_e5m2_noscale', { format: 'fp8-e5m2', scales: 'none' }],
  ])('is met bit for bit: %s', async (name, options) => {
    const [decoded, wanted] = [await golden(options), vector(name)];
    expect(decoded.filter((value, i) => value !== wanted[i])).toHaveLength(0);
  });

  it.each([
    ['nf4_b64', { format: 'nf4' }],
    ['fp4_b64', { format: 'fp4' }],
  ])('is met to one unit in the last place: %s', async (name, options) => {
    const [decoded, wanted] = [await golden(options), vector(name)];
    const far = decoded.filter(
      (value, i) => Math.abs(value - wanted[i]) > Math.abs(wanted[i]) * 2 ** -23,
    );
    expect(far).toHaveLength(0);
  });

  it.each([
    ['nf4_b64_double', { format: 'nf4', scales: 'double' }],
    ['fp4_e2m1_absmax_b32', { format: 'fp4-e2m1', blockSize: 32 }],
    ['fp8_e4m3_pc', { format: 'fp8-e4m3', blockSize: 'channel' }],
  ])('is met in 999 of 1000 entries, and in its error: %s', async (name, options) => {
    const decoded = await golden(options);
    expect(shareMet(decoded, name)).toBeGreaterThanOrEqual(0.999);
    expect(outputErrorOff(decoded, name)).toBeLessThan(0.005);
  });

  it.each([
    ['mxfp8_e4m3_b32', { format: 'fp8-e4m3', blockSize: 32, scales: 'power-of-two' }],
    ['fp4_e2m1_absmax_b16', { format: 'fp4-e2m1', blockSize: 16 }],
    ['fp8_e5m2_pc', { format: 'fp8-e5m2', blockSize: 'channel' }],
  ])('has the errors of %s', async (name, options) => {
    const decoded = await golden(options);
    expect(outputErrorOff(decoded, name)).toBeLessThan(0.005);
    const error = weightError(W, decoded);
    expect(Math.abs(error / tableCases[name].rel_w_err - 1)).toBeLessThan(0.005);
  });

  it.each([
    ['fp4-e2m1', 1],
    ['fp8-e4m3', 2],
    ['fp8-e5m2', 3],
  ])('rounds ties, subnormals and what is too large as the table says: %s', async (format, row) => {
    const table = vector('float_rounding_table_values');
    const [x, wanted] = [0, row].map((at) => table.subarray(at * 1024, (at + 1) * 1024));
    const finite = x.map((value) => (Number.isFinite(value) ? value : 0));
    const decoded = await weightOf(finite, [1, 1024], { format, scales: 'none' });
    const wrong = [...decoded].filter((v, i) => Number.isFinite(x[i]) && v !== wanted[i]);
    expect(wrong).toEqual([]);
  });
});

describe('formats', () => {
  const SPECIFIED = {
    'fp8-e4m3': FLOAT8.e4m3fn,
    'fp8-e5m2': FLOAT8.e5m2,
    'fp6-e2m3': FLOAT6.e2m3,
    'fp6-e3m2': FLOAT6.e3m2,
    'fp4-e2m1': FLOAT4_E2M1,
  } as const;

  it.each(Object.keys(SPECIFIED) as (keyof typeof SPECIFIED)[])(
    '%s: every code stands for what its specification says',
    (name) => {
      const { plain, scaled, bits, top } = FORMATS[name];
      expect(plain.values).toHaveLength(2 ** bits);
      for (let code = 0; code < 2 ** bits; code++) {
        const value = decodeMiniFloat(SPECIFIED[name], code);
        const shown = Number.isFinite(value)
          ? value
          : Math.sign(plain.values[code]) * SPECIFIED[name].max;
        expect(plain.values[code]).toBe(shown);
        expect(scaled.values[code] / plain.values[code] || top / SPECIFIED[name].max).toBe(
          top / SPECIFIED[name].max,
        );
      }
    },
  );

  it('6-bit floats reach 7.5 and 28', () => {
    expect(Math.max(...FORMATS['fp6-e2m3'].plain.values)).toBe(7.5);
    expect(Math.max(...FORMATS['fp6-e3m2'].plain.values)).toBe(28);
  });
});

const CHOICES = FORMAT_NAMES.flatMap((format) => SCALES.map((scales) => ({ format, scales })));

describe.each(CHOICES)('$format, scales $scales', (choice) => {
  const weight = randomFloats(12 * 200, 3).map((w, i) => w * 2 ** ((i % 7) - 3));

  it('every weight is a value of its block, and none is nearer, whatever the block', async () => {
    for (const blockSize of [16, 'channel', 'tensor']) {
      const coded = await quantize(weight, [12, 200], { ...choice, blockSize });
      const decoded = decodeWeight(coded, 12, 200);
      for (let i = 0; i < weight.length; i += 7) {
        const entry = { row: Math.floor(i / 200), column: i % 200 };
        const levels = groupOf(coded, { rows: 12, columns: 200 }, entry)?.levels ?? [];
        expect([...levels]).toContain(decoded[i]);
        // Doubled scales are rounded after the codes are chosen, as bitsandbytes does.
        if (choice.scales === 'double') continue;
        const nearest = Math.min(...levels.map((level) => Math.abs(level - weight[i])));
        const own = Math.abs(decoded[i] - weight[i]);
        expect(own - nearest).toBeLessThanOrEqual(Math.abs(weight[i]) * 2 ** -22);
      }
    }
  });
});

describe('low-bit float', () => {
  it('spends its codes where normal weights are: NF4 beats E2M1, and both beat even steps', async () => {
    const W = normal(64 * 256, 5);
    const error = async (options: unknown) => weightError(W, await weightOf(W, [64, 256], options));
    const nf4 = await error({ format: 'nf4', blockSize: 64 });
    expect(nf4).toBeLessThan(await error({ format: 'fp4-e2m1', blockSize: 64 }));
    expect(nf4).toBeLessThan(await error({ format: 'fp4', blockSize: 64 }));
    const { model, layer } = oneLayerModel('MatMul', 64, 256);
    const even = baselineOptions.parse({ bits: 4, blockSize: 64 });
    const { encoded } = await encode(roundToNearest, model, { layer, values: W }, even);
    expect(nf4).toBeLessThan(weightError(W, decodeWeight(encoded, 64, 256)));
  });

  it('finer blocks are better, and so are more bits', async () => {
    const W = vector('W');
    const error = async (o: unknown) => weightError(W, await weightOf(W, [rows, columns], o));
    const sizes = await Promise.all(
      [16, 64, 256, 'tensor'].map((blockSize) => error({ blockSize })),
    );
    expect(sizes).toEqual([...sizes].sort((a, b) => a - b));
    const formats = ['fp8-e4m3', 'fp6-e2m3', 'fp4-e2m1'];
    const widths = await Promise.all(formats.map((format) => error({ format })));
    expect(widths).toEqual([...widths].sort((a, b) => a - b));
  });

  it('a scale costs 32, 16 or 8 bits and doubled ones a little more; codes 4, 6 or 8', async () => {
    const { model, layer } = oneLayerModel('MatMul', 64, 1024);
    const bytes = (given: unknown): number => {
      const options = meta.options.parse(given);
      const encoded = formOf(lowBitFloat, layer, options, model);
      return writeEncodings(model, [{ layer, encoded }]).bytes.get(layer.output) ?? 0;
    };
    const [codes, blocks] = [(64 * 1024) / 2, (64 * 1024) / 64];
    expect(bytes({})).toBe(codes + 4 * blocks);
    expect(bytes({ scales: 'float16' })).toBe(codes + 2 * blocks);
    expect(bytes({ scales: 'power-of-two' })).toBe(codes + blocks);
    expect(bytes({ scales: 'double' })).toBe(codes + blocks + (8 * blocks) / 256);
    expect(bytes({ scales: 'none', format: 'fp6-e3m2' })).toBe((64 * 1024 * 6) / 8);
    expect(bytes({ scales: 'none', format: 'fp8-e4m3' })).toBe(64 * 1024);
  });

  it('keeps zeros, equal blocks and numbers of the format', async () => {
    const flat = new Float32Array(128).fill(0.75, 64);
    for (const scales of SCALES.slice(0, 3))
      expect(await weightOf(flat, [1, 128], { scales })).toEqual(flat);
    const values = FORMATS['fp8-e4m3'].plain.values;
    expect(await weightOf(values, [1, 256], { format: 'fp8-e4m3', scales: 'none' })).toEqual(
      values.map((value) => value + 0),
    );
  });

  it.each<TestOp>(['MatMul', 'Gemm', 'Gemm-transB', 'Conv', 'Gather'])(
    'runs as %s at the planned bytes',
    async (op) => {
      for (const choice of CHOICES.filter((_, i) => i % 12 === 0)) {
        const options = meta.options.parse({ ...choice, blockSize: 16 });
        for (const size of SIZES) {
          const { model, layer, input, weight } = oneLayerModel(op, ...size);
          const form = formOf(lowBitFloat, layer, options, model);
          const { encoded } = await encode(lowBitFloat, model, { layer, values: weight }, options);
          const made = writeEncodings(model, [{ layer, encoded }]).model;
          const planned = writeEncodings(model, [{ layer, encoded: form }]).model;
          expect(bytesOfModel(made)).toBe(bytesOfModel(planned));
          const { y } = await runModel(made, { x: input });
          const expected = expectedOutput(op, decodeWeight(encoded, ...size), ...size, input);
          y.forEach((v, i) =>
            expect(Math.abs(Number(v) - expected[i])).toBeLessThan(64 * 2 ** -21),
          );
        }
      }
    },
  );

  it.each(['nf4', 'fp4'] as const)('%s with float32 scales is MatMulBnb4', (format) => {
    const { model, layer } = oneLayerModel('MatMul', 8, 64);
    const ops = (given: object) => {
      const options = meta.options.parse({ format, ...given });
      const encoded = formOf(lowBitFloat, layer, options, model);
      return writeEncodings(model, [{ layer, encoded }]).model.graph.nodes.map(
        ({ opType }) => opType,
      );
    };
    expect(ops({ blockSize: 32 })).toEqual(['MatMulBnb4']);
    expect(ops({ blockSize: 32, scales: 'float16' })).toContain('Gather');
    expect(meta.suffix(meta.options.parse({ format }))).toBe('bnb4');
    expect(meta.suffix(meta.options.parse({ format, scales: 'double' }))).toBe(format);
  });

  it('its baseline has even steps of as many bits in the same blocks', () => {
    const shared = (given: unknown) =>
      sharedOptions(roundToNearest, meta.options.parse(given), lowBitFloat);
    expect(shared({})).toMatchObject({ bits: 4, blockSize: 64, scales: 'float32' });
    expect(shared({ format: 'fp8-e5m2', scales: 'double' })).toMatchObject({
      bits: 8,
      scales: 'float16',
    });
  });

  it('refuses what has no range and what is no plain weight', async () => {
    const bad = new Float32Array(32);
    bad[17] = Infinity;
    await expect(quantize(bad, [1, 32], { blockSize: 16 })).rejects.toThrow(
      'Block 1 of this weight holds a value that is not a finite number, so it has no range: repair or re-export the model, or leave this layer out.',
    );
    const { model, layer } = oneLayerModel('MatMul', 4, 32);
    const old = { ...model, opsets: [{ domain: '', version: 9 }] };
    await expect(compressed(lowBitFloat, old, layer, meta.options.parse({}))).rejects.toThrow(
      '"w" is in a model of operator set 9, and a quantized weight needs 10 or newer: export the model again with a newer operator set.',
    );
  });
});
