import { describe, expect, it } from 'vitest';
import {
  expectedOutput,
  oneLayerModel,
  randomFloats,
  type TestOp,
} from '../../../../test/fixtures/methods/models.ts';
import { bytesOfModel, runModel } from '../../../../test/fixtures/methods/run.ts';
import { activations, momentsOf, seenOf } from '../../../../test/fixtures/methods/statistics.ts';
import { encode, encodedModel } from '../../../../test/support/methods.ts';
import { decodeWeight, writeEncodings } from '../../encodings/index.ts';
import { outputError, weightError } from '../../metrics/weight-error.ts';
import type { Seen } from '../../statistics/seen.ts';
import { readWeight } from '../weight.ts';
import { activationSvd } from './activation-svd/activation-svd.ts';
import { meta as activationMeta } from './activation-svd/meta.ts';
import { asvd } from './asvd/asvd.ts';
import { meta as asvdMeta } from './asvd/meta.ts';
import { factorise, leftBasis, rightBasis, whitenedBasis, type Basis } from './factorise.ts';
import { fisherSvd } from './fisher-svd/fisher-svd.ts';
import { meta as fisherMeta } from './fisher-svd/meta.ts';
import { meta as svdMeta } from './svd/meta.ts';
import { svd } from './svd/svd.ts';

const RUN = {
  svd: (given: object, sizes: Sizes, seen?: Seen) =>
    values(svd, svdMeta.options.parse(given), sizes, seen),
  'activation-svd': (given: object, sizes: Sizes, seen?: Seen) =>
    values(activationSvd, activationMeta.options.parse(given), sizes, seen),
  asvd: (given: object, sizes: Sizes, seen?: Seen) =>
    values(asvd, asvdMeta.options.parse(given), sizes, seen),
  'fisher-svd': (given: object, sizes: Sizes, seen?: Seen) =>
    values(fisherSvd, fisherMeta.options.parse(given), sizes, seen),
};

type Sizes = readonly [rows: number, columns: number];
type Named = keyof typeof RUN;

async function values<O>(
  method: Parameters<typeof encode<O>>[0],
  options: O,
  [rows, columns]: Sizes,
  seen?: Seen,
): Promise<Float32Array> {
  const { model, layer } = oneLayerModel('MatMul', rows, columns);
  const { encoded } = await encode(method, model, await readWeight(model, layer), options, seen);
  return decodeWeight(encoded, rows, columns);
}

function calibrated(
  [rows, columns]: Sizes,
  tokens = 200,
  seed = 4,
): { seen: Seen; h: Float32Array } {
  const { layer } = oneLayerModel('MatMul', rows, columns);
  const x = activations(tokens, columns, seed);
  return { seen: seenOf([layer], () => x), h: momentsOf(x, columns).values };
}

const SIZES: readonly Sizes[] = [
  [24, 60],
  [60, 24],
  [32, 32],
];

describe.each(SIZES)('%i×%i', (...sizes) => {
  const [rows, columns] = sizes;
  const weight = randomFloats(rows * columns, 1);

  it.each([2, 5, 9])(
    'the whitened SVD has no more output error than the others: rank %i',
    async (rank) => {
      const { seen, h } = calibrated(sizes);
      const given = { ranks: 'fixed', rank };
      const errorOf = async (name: Named): Promise<number> =>
        outputError(weight, await RUN[name](given, sizes, seen), h, columns);
      const own = await errorOf('activation-svd');
      for (const other of ['svd', 'asvd', 'fisher-svd'] as const) {
        expect(own).toBeLessThan(await errorOf(other));
      }
    },
  );

  it('what is cut of the squared singular values is the error, with a singular Gram too', () => {
    for (const tokens of [3, 200]) {
      const { h } = calibrated(sizes, tokens);
      const basis = whitenedBasis(weight, h, rows, columns);
      const cut = errorByRank(basis, (w) => outputError(weight, w, h, columns), sizes, weight);
      for (const { error, lost } of cut) expect(Math.abs(error - lost)).toBeLessThan(2e-5);
      if (tokens === 3) expect(cut[3].error).toBeLessThan(1e-9);
    }
  });

  it('the plain SVD has the least error on the weight', async () => {
    const { seen } = calibrated(sizes);
    const given = { ranks: 'fixed', rank: 5 };
    const plain = weightError(weight, await RUN.svd(given, sizes));
    for (const other of ['activation-svd', 'asvd', 'fisher-svd'] as const) {
      expect(plain).toBeLessThan(weightError(weight, await RUN[other](given, sizes, seen)));
    }
    const basis = rightBasis(weight, rows, columns);
    for (const { error, lost } of errorByRank(basis, (w) => weightError(weight, w), sizes, weight))
      expect(Math.abs(error - lost)).toBeLessThan(1e-6);
  });

  it('at full rank each is the weight to 1e-4', () => {
    const { h } = calibrated(sizes);
    const full = Math.min(rows, columns);
    const bases = [
      leftBasis(weight, rows, columns),
      rightBasis(weight, rows, columns),
      whitenedBasis(weight, h, rows, columns),
    ];
    for (const basis of bases) {
      const whole = product(factorise(weight, rows, columns, basis, full), sizes, full);
      expect(largestDifference(whole, weight)).toBeLessThan(1e-4);
    }
  });

  it('reacts to its calibration', async () => {
    const [one, other] = [calibrated(sizes), calibrated(sizes, 200, 5)];
    const given = { ranks: 'fixed', rank: 5 };
    for (const name of ['activation-svd', 'asvd'] as const) {
      const own = await RUN[name](given, sizes, one.seen);
      expect(own).not.toEqual(await RUN[name](given, sizes, other.seen));
    }
  });
});

/** Error at each rank, and the share of the squared singular values that is cut there. */
function errorByRank(
  basis: Basis,
  errorOf: (w: Float32Array) => number,
  sizes: Sizes,
  weight: Float32Array,
) {
  const total = basis.squares.reduce((sum, value) => sum + value, 0);
  return Array.from({ length: Math.min(...sizes) }, (_, rank) => {
    const rest = basis.squares.slice(rank).reduce((sum, value) => sum + value, 0);
    const factors = factorise(weight, ...sizes, basis, rank);
    return { error: errorOf(product(factors, sizes, rank)), lost: rest / total };
  });
}

function product(
  { left, right }: { readonly left: Float32Array; readonly right: Float32Array },
  [rows, columns]: Sizes,
  rank: number,
): Float32Array {
  return Float32Array.from({ length: rows * columns }, (_, at) => {
    const [i, j] = [Math.floor(at / columns), at % columns];
    let sum = 0;
    for (let k = 0; k < rank; k++) sum += left[i * rank + k] * right[k * columns + j];
    return sum;
  });
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);
}

describe('in the graph', () => {
  const OPS: readonly TestOp[] = ['MatMul', 'Gemm', 'Gemm-transB', 'Conv', 'Gather'];

  it.each(
    OPS.flatMap((op) => (['float32', 'float16'] as const).map((factors) => ({ op, factors }))),
  )('$op with $factors factors computes with the decoded weight', async ({ op, factors }) => {
    const [rows, columns] = [24, 36];
    const { model, layer, input } = oneLayerModel(op, rows, columns);
    const options = svdMeta.options.parse({ ranks: 'fixed', rank: 5, factors });
    const { model: made } = await encodedModel(svd, model, [layer], options);
    const { encoded } = await encode(svd, model, await readWeight(model, layer), options);
    const decoded = decodeWeight(encoded, rows, columns);
    const { y } = await runModel(made, { x: input });
    const expected = expectedOutput(op, decoded, rows, columns, input);
    // Float32 sums of 36 products of numbers up to 2, twice.
    expect(largestDifference(y, expected)).toBeLessThan(2e-5);
    expect(bytesOfModel(made)).toBeLessThan(bytesOfModel(model));
    const types = made.graph.nodes.filter(({ opType }) => opType === 'MatMul');
    if (op === 'MatMul') expect(types.length).toBe(2);
  });

  it('half-precision factors take half the bytes and change the weight by less than 1e-3', async () => {
    const sizes = [24, 36] as const;
    const { model, layer } = oneLayerModel('MatMul', ...sizes);
    const run = async (factors: string) => {
      const options = svdMeta.options.parse({ ranks: 'fixed', rank: 5, factors });
      const { encoded } = await encode(svd, model, await readWeight(model, layer), options);
      const { bytes } = writeEncodings(model, [{ layer, encoded }]);
      return { decoded: decodeWeight(encoded, ...sizes), bytes: bytes.get(layer.output) ?? 0 };
    };
    const [whole, half] = [await run('float32'), await run('float16')];
    expect(half.bytes).toBe(whole.bytes / 2);
    const difference = largestDifference(half.decoded, whole.decoded);
    expect(difference).toBeGreaterThan(0);
    expect(difference).toBeLessThan(1e-3);
  });
});
