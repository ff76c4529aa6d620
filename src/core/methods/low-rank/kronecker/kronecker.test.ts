import { describe, expect, it } from 'vitest';
import {
  expectedOutput,
  oneLayerModel,
  randomFloats,
  type TestOp,
} from '../../../../../test/fixtures/methods/models.ts';
import { bytesOfModel, runModel } from '../../../../../test/fixtures/methods/run.ts';
import { compressed, encode, encodedModel } from '../../../../../test/support/methods.ts';
import { decodeWeight, requireKind } from '../../../encodings/index.ts';
import { jacobiSvd } from '../../../linalg/jacobi-svd.ts';
import { weightError } from '../../../metrics/weight-error.ts';
import { kronecker } from './kronecker.ts';
import { meta } from './meta.ts';

/** Σ_t A_t ⊗ B_t of random factors, from the definition. */
function sumOfProducts(count: number, [m1, n1, m2, n2]: readonly number[]): Float32Array {
  const [a, b] = [randomFloats(count * m1 * n1, 1), randomFloats(count * m2 * n2, 2)];
  return Float32Array.from({ length: m1 * m2 * n1 * n2 }, (_, at) => {
    const [i, j] = [Math.floor(at / (n1 * n2)), at % (n1 * n2)];
    let sum = 0;
    for (let t = 0; t < count; t++)
      sum +=
        a[(t * m1 + Math.floor(i / m2)) * n1 + Math.floor(j / n2)] *
        b[(t * m2 + (i % m2)) * n2 + (j % n2)];
    return sum;
  });
}

async function approximated(
  values: Float32Array,
  [rows, columns]: readonly number[],
  given: object,
) {
  const { model, layer } = oneLayerModel('MatMul', rows, columns);
  const options = meta.options.parse(given);
  const { encoded } = await encode(kronecker, model, { layer, values }, options);
  return { encoded, decoded: decodeWeight(encoded, rows, columns) };
}

describe('Kronecker products', () => {
  it.each([
    [1, 4, 6, 5, 4],
    [2, 4, 6, 5, 4],
    [3, 6, 2, 4, 12],
  ])('finds a sum of %i products of %i×%i and %i×%i again', async (count, ...sizes) => {
    const [m1, n1, m2, n2] = sizes;
    const values = sumOfProducts(count, sizes);
    const given = { count, shape: `${m1}x${n1}` };
    const { decoded } = await approximated(values, [m1 * m2, n1 * n2], given);
    // Float32 rounding of the factors: 2⁻²⁴ of each, squared in this error.
    expect(weightError(values, decoded)).toBeLessThan((count * 2 ** -21) ** 2);
    if (count === 1) return;
    const fewer = await approximated(values, [m1 * m2, n1 * n2], { ...given, count: count - 1 });
    expect(weightError(values, fewer.decoded)).toBeGreaterThan(1e-4);
  });

  it('the nearest one: its error is what the SVD of the rearranged matrix cuts', async () => {
    const [m1, n1, m2, n2] = [4, 5, 6, 3];
    const values = randomFloats(m1 * m2 * n1 * n2, 3);
    const blocks = Float32Array.from({ length: values.length }, (_, at) => {
      const [block, entry] = [Math.floor(at / (m2 * n2)), at % (m2 * n2)];
      const row = Math.floor(block / n1) * m2 + Math.floor(entry / n2);
      return values[row * n1 * n2 + (block % n1) * n2 + (entry % n2)];
    });
    const { s } = jacobiSvd(blocks, m1 * n1, m2 * n2);
    const whole = s.reduce((sum, value) => sum + value * value, 0);
    for (const count of [1, 3, 7]) {
      const given = { count, shape: '4×5' };
      const { decoded } = await approximated(values, [m1 * m2, n1 * n2], given);
      const rest = s.slice(count).reduce((sum, value) => sum + value * value, 0);
      expect(weightError(values, decoded)).toBeCloseTo(rest / whole, 6);
    }
  });

  it.each(
    (['MatMul', 'Gemm', 'Gemm-transB', 'Conv'] as const).flatMap((op: TestOp) =>
      [1, 3].map((count) => ({ op, count })),
    ),
  )('$op of $count terms computes with the decoded weight', async ({ op, count }) => {
    const [rows, columns] = [24, 36];
    const { model, layer, input } = oneLayerModel(op, rows, columns);
    const options = meta.options.parse({ count });
    const { model: made } = await encodedModel(kronecker, model, [layer], options);
    const decoded = await compressed(kronecker, model, layer, options);
    const { y } = await runModel(made, { x: input });
    const expected = expectedOutput(op, decoded, rows, columns, input);
    // Float32 sums of 36 products of numbers up to 2, twice.
    y.forEach((value, i) => expect(Math.abs(Number(value) - expected[i])).toBeLessThan(2e-5));
    expect(bytesOfModel(made)).toBeLessThan(bytesOfModel(model));
  });

  it('keeps as many terms as the share of bytes allows, factors about equally large', async () => {
    const { encoded } = await approximated(randomFloats(64 * 48, 4), [64, 48], { ratio: 0.5 });
    const { rows, columns, count } = requireKind(encoded, 'kronecker');
    expect([rows, columns]).toEqual([8, 6]);
    // 48 + 64 numbers a term, 3072 in the weight.
    expect(count).toBe(Math.floor((0.5 * 3072) / 112));
  });

  it('refuses what does not divide, does not save or is too old', () => {
    const reasonOf = (given: object, [rows, columns]: readonly number[], opset = 17) => {
      const { model, layer } = oneLayerModel('MatMul', rows, columns, { opset });
      const form = kronecker.encoder.form(layer, meta.options.parse(given), model);
      return 'refused' in form ? form.refused : undefined;
    };
    expect(reasonOf({ shape: '5x6' }, [24, 36])).toBe(
      '"w" is 24×36, which a first factor of 5×6 does not divide, so it was left as it is; choose divisors, or leave the shape out.',
    );
    expect(reasonOf({}, [7, 13])).toBe(
      '"w" is 7×13, and factors of 1×1 and 7×13 take fewer bytes only below 1.0 terms (break-even); 1 would save nothing, so it was left as it is; choose fewer terms or another shape.',
    );
    expect(reasonOf({}, [24, 36], 9)).toBe(
      '"w" is in a model of operator set 9, and a Kronecker product needs 10 or newer: export the model again with a newer operator set.',
    );
    expect(meta.options.safeParse({ shape: '4 by 4' }).success).toBe(false);
  });
});
