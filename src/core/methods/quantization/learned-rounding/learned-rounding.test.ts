import { describe, expect, it } from 'vitest';
import { encode } from '../../../../../test/support/methods.ts';
import {
  expectedOutput,
  oneLayerModel,
  type TestOp,
} from '../../../../../test/fixtures/methods/models.ts';
import { runModel } from '../../../../../test/fixtures/methods/run.ts';
import {
  activations,
  context,
  momentsOf,
  seenOf,
} from '../../../../../test/fixtures/methods/statistics.ts';
import { decodeWeight, writeEncodings } from '../../../encodings/index.ts';
import { outputError } from '../../../metrics/weight-error.ts';
import { nothingSeen } from '../../../statistics/seen.ts';
import { meta as baselineMeta } from '../round-to-nearest/meta.ts';
import { roundToNearest } from '../round-to-nearest/round-to-nearest.ts';
import { learnedRounding } from './learned-rounding.ts';
import { meta } from './meta.ts';
import { signRound } from './sign-round.ts';

const [rows, columns] = [24, 96];
const { model, layer, weight } = oneLayerModel('MatMul', rows, columns);
const fedWith = (seed: number) => seenOf([layer], () => activations(256, columns, seed));
const usual = fedWith(4);
const moments = momentsOf(activations(256, columns, 4), columns).values;

async function run(options: object, seen = usual, own = context) {
  const given = { layer, values: weight };
  const parsed = meta.options.parse({ steps: 60, learningRate: 1 / 60, ...options });
  return (await encode(learnedRounding, model, given, parsed, seen, own)).encoded;
}

const errorOf = async (options: object, seen = usual): Promise<number> =>
  outputError(weight, decodeWeight(await run(options, seen), rows, columns), moments, columns);

describe('learned rounding', () => {
  const grids = [4, 3, 2].flatMap((bits) =>
    [32, 'channel'].flatMap((blockSize) =>
      [true, false].map((symmetric) => ({ bits, blockSize, symmetric })),
    ),
  );

  it.each(grids)('beats round to nearest on the output: $bits $blockSize $symmetric', async (o) => {
    const parsed = baselineMeta.options.parse(o);
    const { encoded } = await encode(roundToNearest, model, { layer, values: weight }, parsed);
    const nearest = outputError(weight, decodeWeight(encoded, rows, columns), moments, columns);
    expect(await errorOf(o)).toBeLessThan(0.8 * nearest);
    // The ranges help, more steps do not hurt: the best is kept.
    expect(await errorOf(o)).toBeLessThan(await errorOf({ ...o, ranges: false, steps: 5 }));
  });

  it('moves each rounding by no more than a code where ranges stay', async () => {
    const options = { bits: 4, symmetric: false };
    const parsed = baselineMeta.options.parse(options);
    const nearest = await encode(roundToNearest, model, { layer, values: weight }, parsed);
    const [a, b] = [nearest.encoded, await run({ ...options, ranges: false })];
    if (a.kind !== 'coded' || b.kind !== 'coded') throw new Error('These are no codes.');
    const moves = b.codes?.map((code, i) => Math.abs(code - (a.codes?.[i] ?? 0))) ?? [];
    expect(Math.max(...moves)).toBe(1);
    expect(b.scales).toEqual(a.scales);
    expect(b.zeros).toEqual(a.zeros);
  });

  it('finds the best roundings of a few weights', () => {
    const values = Float32Array.from([0.31, -0.62, 0.45, 1, 0.07, -0.9]);
    const x = activations(40, 6, 3);
    const { values: h } = momentsOf(x, 6);
    const shape = { columns: 6, groupSize: 6, bits: 3, symmetric: true, ranges: false } as const;
    const { scales } = signRound(values, h, { ...shape, steps: 1, learningRate: 1e-6 });
    const decoded = (codes: ArrayLike<number>) =>
      Float32Array.from(values, (_, i) => scales[0] * (codes[i] - 4));
    const error = (codes: ArrayLike<number>) => outputError(values, decoded(codes), h, 6);
    const down = Array.from(values, (w) => Math.min(6, Math.max(0, Math.floor(w / scales[0] + 4))));
    const all = Array.from({ length: 64 }, (_, bits) => down.map((q, i) => q + ((bits >> i) & 1)));
    const best = Math.min(...all.map(error));
    const { codes } = signRound(values, h, { ...shape, steps: 400, learningRate: 1 / 100 });
    expect(error(codes)).toBeLessThan(1.5 * best);
  });

  it('gives other codes for other calibration, and worse ones', async () => {
    expect(await run({ bits: 3 })).not.toEqual(await run({ bits: 3 }, fedWith(5)));
    expect(await errorOf({ bits: 3 })).toBeLessThan(await errorOf({ bits: 3 }, fedWith(5)));
  });

  it.each<TestOp>(['MatMul', 'Gemm', 'Gemm-transB', 'Conv'])('runs as %s', async (op) => {
    const test = oneLayerModel(op, 11, 45);
    const parsed = meta.options.parse({ bits: 3, blockSize: 16, symmetric: false, steps: 10 });
    const seen = seenOf([test.layer], () => activations(64, 45, 2));
    const given = { layer: test.layer, values: test.weight };
    const { encoded } = await encode(learnedRounding, test.model, given, parsed, seen);
    const written = writeEncodings(test.model, [{ layer: test.layer, encoded }]);
    const { y } = await runModel(written.model, { x: test.input });
    const expected = expectedOutput(op, decodeWeight(encoded, 11, 45), 11, 45, test.input);
    y.forEach((v, i) => expect(Math.abs(v - expected[i])).toBeLessThan(45 * 2 ** -21));
  });

  it('keeps blocks of zeros, refuses what has no range, and stops when cancelled', async () => {
    const shape = { columns: 64, groupSize: 32, bits: 2, ranges: true, steps: 3 } as const;
    const rest = { ...shape, learningRate: 0.1 };
    const h = momentsOf(activations(64, 64, 1), 64).values;
    for (const symmetric of [true, false]) {
      const { codes, scales } = signRound(new Float32Array(64), h, { ...rest, symmetric });
      expect(new Set(codes)).toEqual(new Set([symmetric ? 2 : 0]));
      expect(new Set(scales)).toEqual(new Set([1]));
      const bad = new Float32Array(64).fill(NaN, 40, 41);
      expect(() => signRound(bad, h, { ...rest, symmetric })).toThrow(
        'Group 1 of this weight holds a value that is not a finite number, so it has no grid: repair or re-export the model, or leave this layer out.',
      );
    }
    await expect(run({}, usual, { ...context, signal: AbortSignal.abort() })).rejects.toThrow(
      'The run was cancelled; nothing unfinished was kept.',
    );
    await expect(run({}, nothingSeen)).rejects.toThrow(/calibration/);
  });
});
