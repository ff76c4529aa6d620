import { describe, expect, it } from 'vitest';
import { columns, relativeOutputError, rows, vector } from '../../../test/golden/load.ts';
import { secondOrderCases } from '../../../test/golden/second-order.ts';
import { columnOrder } from './column-order.ts';
import { gptqOracle } from './gptq-oracle.ts';
import { gptq, type GptqOptions } from './gptq.ts';

const order = (
  diagonal: readonly number[],
  ...rest: ['columns' | 'activation' | 'blocks', number]
) => [...columnOrder(Float32Array.from(diagonal), ...rest)];

describe('columnOrder', () => {
  it('sorts inside groups, then the groups by their largest', () => {
    const diagonal = [1, 4, 2, 9, 8, 1, 9, 3, 50];
    expect(order(diagonal, 'columns', 3)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(order(diagonal, 'activation', 3)).toEqual([8, 3, 6, 4, 1, 7, 2, 0, 5]);
    expect(order(diagonal, 'blocks', 3)).toEqual([8, 6, 7, 3, 4, 5, 1, 2, 0]);
  });

  it('keeps equals in place and a shorter last group last', () => {
    expect(order([1, 1, 1, 1, 2, 3, 9], 'blocks', 2)).toEqual([5, 4, 0, 1, 2, 3, 6]);
    expect(order([1, 2, 3], 'blocks', 4)).toEqual([2, 1, 0]);
  });

  it('is the permutation of the reference', () => {
    const h = vector('H');
    const diagonal = Float32Array.from({ length: columns }, (_, j) => h[j * (columns + 1)]);
    expect([...columnOrder(diagonal, 'blocks', 32)]).toEqual([...vector('gar_gptq_4b_g32_perm')]);
  });
});

const GAR = secondOrderCases.filter(({ name }) => name.startsWith('gar_'));

describe.each(GAR)('$name', ({ name, settings, rel_out_err }) => {
  const options: GptqOptions = {
    ...{ bits: settings.bits, groupSize: settings.group, range: 'minmax', order: 'blocks' },
  };

  it.each([
    { way: 'kernel', solve: gptq },
    { way: 'oracle', solve: gptqOracle },
  ])('$way: 99.9 percent of entries within 1e-5, output error within 0.5 percent', ({ solve }) => {
    const { quantized, groupIndex } = solve(vector('W'), rows, columns, vector('H'), options);
    const expected = vector(name);
    const near = quantized.filter((v, i) => Math.abs(v - expected[i]) <= 1e-5).length;
    expect(near / quantized.length).toBeGreaterThanOrEqual(0.999);
    expect(Math.abs(relativeOutputError(vector('W'), quantized) / rel_out_err - 1)).toBeLessThan(
      0.005,
    );
    // Groups stay whole: no file has to say which column is in which.
    expect(groupIndex).toBeUndefined();
  });
});
