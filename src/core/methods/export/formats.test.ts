import { describe, expect, it } from 'vitest';
import { decodeWeight } from '../decode.ts';
import { roundToNearest } from '../quantization/round-to-nearest/round-to-nearest.ts';
import { meta } from '../quantization/round-to-nearest/meta.ts';
import { readWeight } from '../weight.ts';
import { isRefusal } from '../site.ts';
import type { UniformFormat } from '../encoding.ts';
import { applyEncoded } from './apply.ts';
import { expectedOutput, oneLayerModel, seeded, type TestOp } from './testing/models.ts';
import { bytesOfModel, runModel } from './testing/run.ts';

const context = { random: { next: seeded(3) } };

interface Case {
  readonly op: TestOp;
  readonly rows: number;
  readonly columns: number;
  readonly options: Record<string, unknown>;
  readonly opset?: number;
  readonly format: UniformFormat;
}

const block = (bits: number, blockSize: number, symmetric = true) => ({
  bits,
  blockSize,
  symmetric,
});

const CASES: readonly Case[] = [
  ...[2, 4, 8].flatMap((bits) =>
    [true, false].flatMap((symmetric): Case[] => [
      {
        op: 'MatMul',
        rows: 12,
        columns: 64,
        options: block(bits, 32, symmetric),
        format: 'matmul-nbits',
      },
      {
        op: 'MatMul',
        rows: 7,
        columns: 43,
        options: block(bits, 16, symmetric),
        format: 'matmul-nbits',
      },
      {
        op: 'Gemm',
        rows: 12,
        columns: 40,
        options: block(bits, 256, symmetric),
        format: 'matmul-nbits',
      },
      {
        op: 'Gemm-transB',
        rows: 12,
        columns: 96,
        options: block(bits, 64, symmetric),
        format: 'matmul-nbits',
      },
      {
        op: 'Gather',
        rows: 30,
        columns: 64,
        options: block(bits, 32, symmetric),
        format: 'gather-block-quantized',
      },
      {
        op: 'Gather',
        rows: 30,
        columns: 44,
        options: block(bits, 16, symmetric),
        format: 'gather-block-quantized',
      },
      {
        op: 'Gather',
        rows: 30,
        columns: 24,
        options: { bits, blockSize: 'channel', symmetric },
        format: 'gather-block-quantized',
      },
    ]),
  ),
  {
    op: 'MatMul',
    rows: 9,
    columns: 128,
    options: { bits: 4, blockSize: 'channel' },
    format: 'matmul-nbits',
  },
];

describe('export formats run and mean what decodeWeight says', () => {
  for (const test of CASES) {
    const { op, rows, columns, options, opset = 17, format } = test;
    it(`${op} ${rows}×${columns} ${JSON.stringify(options)} opset ${opset}: ${format}`, async () => {
      const { model, layer, input } = oneLayerModel(op, rows, columns, { opset });
      const parsed = meta.options.parse(options);
      const planned = roundToNearest.plan(layer, parsed, model);
      if (isRefusal(planned)) throw new Error(planned.refused);
      expect(planned).toMatchObject({ format });
      const weight = await readWeight(model, layer);
      const { encoded } = await roundToNearest.compress(weight, undefined, parsed, context);
      const real = applyEncoded(model, [{ layer, encoded }]);
      const forecast = applyEncoded(model, [{ layer, encoded: planned }]);
      const w = decodeWeight(encoded, rows, columns);
      const expected = expectedOutput(op, w, rows, columns, input);
      expect(bytesOfModel(forecast)).toBe(bytesOfModel(real));
      expect(real.graph.initializers.some(({ name }) => name === 'w')).toBe(false);
      for (const level of ['all', 'disabled'] as const) {
        const { y } = await runModel(real, { x: input }, level);
        expect(y.length).toBe(expected.length);
        // Sums of `columns` products of numbers below 1: float32 rounding grows with √columns.
        for (let i = 0; i < y.length; i++) expect(Math.abs(y[i] - expected[i])).toBeLessThan(2e-5);
      }
    });
  }
});
