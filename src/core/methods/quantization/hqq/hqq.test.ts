import { describe, expect, it } from 'vitest';
import {
  columns,
  goldenCase,
  relativeOutputError,
  rows,
  vector,
} from '../../../../../test/golden/load.ts';
import {
  expectedOutput,
  oneLayerModel,
  randomFloats,
  type TestOp,
} from '../../../../../test/fixtures/methods/models.ts';
import { context } from '../../../../../test/fixtures/methods/statistics.ts';
import { runModel } from '../../../../../test/fixtures/methods/run.ts';
import { compressed, encode } from '../../../../../test/support/methods.ts';
import { decodeWeight, writeEncodings } from '../../../encodings/index.ts';
import { DataType } from '../../../tensor/data-type.ts';
import type { MethodContext } from '../../contract.ts';
import { roundToNearest } from '../round-to-nearest/round-to-nearest.ts';
import { meta as baselineMeta } from '../round-to-nearest/meta.ts';
import { hqq } from './hqq.ts';
import { meta } from './meta.ts';

type Size = readonly [rows: number, columns: number];

async function quantize(values: Float32Array, [r, c]: Size, options: unknown, own?: MethodContext) {
  const { model, layer } = oneLayerModel('MatMul', r, c);
  const weight = { layer, values };
  return encode(hqq, model, weight, meta.options.parse(options), undefined, own);
}

async function weightOf(values: Float32Array, size: Size, options: unknown): Promise<Float32Array> {
  const { encoded } = await quantize(values, size, options);
  return decodeWeight(encoded, ...size);
}

/** Σ|W − Ŵ|ᵖ, what HQQ makes small. */
function lp(weight: Float32Array, decoded: Float32Array, p = 0.7): number {
  return weight.reduce((sum, w, i) => sum + Math.abs(w - decoded[i]) ** p, 0);
}

describe('half-quadratic quantization', () => {
  it.each([
    ['hqq_4b_g64', 4],
    ['hqq_2b_g64', 2],
  ])('meets the reference: %s', async (name, bits) => {
    const W = vector('W');
    const decoded = await weightOf(W, [rows, columns], { bits });
    const golden = vector(name);
    const same = decoded.filter((value, i) => Math.abs(value - golden[i]) <= 1e-5).length;
    expect(same / golden.length).toBeGreaterThanOrEqual(0.999);
    const error = relativeOutputError(W, decoded);
    expect(Math.abs(error / goldenCase(name).rel_out_err - 1)).toBeLessThan(0.005);
  });

  it('lies between round to nearest and GPTQ on the output', async () => {
    const W = vector('W');
    const own = relativeOutputError(W, await weightOf(W, [rows, columns], { bits: 2 }));
    expect(own).toBeLessThan(relativeOutputError(W, vector('rtn_2b_g64')));
    expect(own).toBeGreaterThan(relativeOutputError(W, vector('gptq_2b_g64')));
  });

  const grids = [4, 3, 2].flatMap((bits) =>
    [32, 64, 'channel'].map((blockSize) => ({ bits, blockSize })),
  );

  it.each(grids)('lowers its own norm below the grids without it: $bits $blockSize', async (o) => {
    const [W, size] = [vector('W'), [rows, columns] as const];
    const error = lp(W, await weightOf(W, size, o));
    expect(error).toBeLessThan(lp(W, await weightOf(W, size, { ...o, iterations: 0 })));
    const { model, layer } = oneLayerModel('MatMul', ...size);
    const parsed = baselineMeta.options.parse({ ...o, symmetric: false });
    const { encoded } = await encode(roundToNearest, model, { layer, values: W }, parsed);
    expect(error).toBeLessThan(lp(W, decodeWeight(encoded, ...size)));
  });

  it.each([8, 4, 2])(
    'keeps weights within half a step of its first grid: %s bits',
    async (bits) => {
      const weight = randomFloats(6 * 100, 3);
      const decoded = await weightOf(weight, [6, 100], { bits, blockSize: 32, iterations: 0 });
      const far = decoded.filter((value, i) => {
        const start = i - (i % 100) + Math.floor((i % 100) / 32) * 32;
        const block = weight.subarray(start, Math.min(start + 32, i - (i % 100) + 100));
        const step = (Math.max(...block) - Math.min(...block)) / (2 ** bits - 1);
        return Math.abs(value - weight[i]) > step * (0.5 + 2 ** -14);
      });
      expect(far).toHaveLength(0);
    },
  );

  it('keeps blocks of equal weights', async () => {
    const weight = new Float32Array(64).fill(7.25, 32);
    expect(await weightOf(weight, [1, 64], { blockSize: 32 })).toEqual(weight);
  });

  it('sees outliers once errors reach the threshold, and follows norm and penalty', async () => {
    const W = vector('W').map((w) => 8 * w);
    const all = await weightOf(W, [rows, columns], { bits: 2 });
    expect(await weightOf(W, [rows, columns], { bits: 2, lpNorm: 1 })).not.toEqual(all);
    expect(await weightOf(W, [rows, columns], { bits: 2, beta: 40 })).not.toEqual(all);
    expect(await weightOf(W, [rows, columns], { bits: 2, kappa: 1.5 })).not.toEqual(all);
    expect(await weightOf(W, [rows, columns], { bits: 2, iterations: 2 })).not.toEqual(all);
  });

  it.each<TestOp>(['MatMul', 'Gemm', 'Gemm-transB', 'Conv', 'Gather'])(
    'runs as %s with float zero points',
    async (op) => {
      for (const options of [
        { bits: 3, blockSize: 16 },
        { scales: 'float16', blockSize: 'channel' },
      ]) {
        const { model, layer, input, weight } = oneLayerModel(op, 11, 45);
        const parsed = meta.options.parse(options);
        const { encoded } = await encode(hqq, model, { layer, values: weight }, parsed);
        const dataType = options.scales === 'float16' ? DataType.float16 : DataType.float32;
        expect(encoded).toMatchObject({ kind: 'coded', zeros: { dataType } });
        const decoded = decodeWeight(encoded, 11, 45);
        const { y } = await runModel(writeEncodings(model, [{ layer, encoded }]).model, {
          x: input,
        });
        const expected = expectedOutput(op, decoded, 11, 45, input);
        y.forEach((v, i) => expect(Math.abs(v - expected[i])).toBeLessThan(45 * 2 ** -22));
      }
    },
  );

  it('warns where half zero points are cut', async () => {
    const weight = randomFloats(32, 1).map((w) => 100 + w / 1000);
    const { warnings } = await quantize(weight, [1, 32], { scales: 'float16' });
    expect(warnings).toEqual([
      '"w" has blocks that lie so far from zero that their zero points are beyond ±65504, the largest a half can hold, and were cut to it; store the scales as float32.',
    ]);
    expect((await quantize(weight, [1, 32], {})).warnings).toEqual([]);
  });

  it('refuses values without a range and old models, and stops when cancelled', async () => {
    const bad = new Float32Array(64);
    bad[40] = NaN;
    await expect(quantize(bad, [1, 64], { blockSize: 32 })).rejects.toThrow(
      'Block 1 of this weight holds a value that is not a finite number, so it has no range: repair or re-export the model, or leave this layer out.',
    );
    const { model, layer } = oneLayerModel('MatMul', 4, 32);
    const old = { ...model, opsets: [{ domain: '', version: 9 }] };
    await expect(compressed(hqq, old, layer, meta.options.parse({}))).rejects.toThrow(
      '"w" is in a model of operator set 9, and a quantized weight needs 10 or newer: export the model again with a newer operator set.',
    );
    const stopped = { ...context, signal: AbortSignal.abort() };
    await expect(quantize(randomFloats(64, 1), [1, 64], {}, stopped)).rejects.toThrow(
      'The run was cancelled; nothing unfinished was kept.',
    );
  });
});
