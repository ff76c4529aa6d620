import { describe, expect, it } from 'vitest';
import {
  columns,
  goldenCase,
  manifest,
  relativeOutputError,
  rows,
  vector,
} from '../../../test/golden/load.ts';
import { gptqOracle } from './gptq-oracle.ts';
import { gptq, type GptqOptions } from './gptq.ts';
import { quantizeUniformOracle } from './rtn-oracle.ts';
import { dequantizeUniform, quantizeUniform } from './rtn.ts';
import { pruneMagnitude, pruneWanda, type Pattern } from './select.ts';
import type { UniformOptions } from './uniform.ts';

const W = vector('W');

const ROUNDING: Record<string, UniformOptions> = {
  rtn_4b_pc_asym: { bits: 4, groupSize: columns, range: 'minmax' },
  rtn_4b_pc_sym: { bits: 4, groupSize: columns, range: 'absmax' },
  rtn_4b_g128: { bits: 4, groupSize: 128, range: 'minmax' },
  rtn_4b_pc_mse: { bits: 4, groupSize: columns, range: 'minmax', clip: 'mse' },
  rtn_3b_pc: { bits: 3, groupSize: columns, range: 'minmax' },
  rtn_2b_g64: { bits: 2, groupSize: 64, range: 'minmax' },
  rtn_8b_pc_sym: { bits: 8, groupSize: columns, range: 'absmax' },
  ort_q4_b32_sym: { bits: 4, groupSize: 32, range: 'signed-max' },
  ort_q4_b32_asym: { bits: 4, groupSize: 32, range: 'minmax' },
};

const GPTQ: Record<string, GptqOptions> = {
  gptq_4b_pc_asym: { bits: 4, groupSize: columns, range: 'minmax' },
  gptq_4b_pc_sym: { bits: 4, groupSize: columns, range: 'absmax' },
  gptq_4b_g128: { bits: 4, groupSize: 128, range: 'minmax' },
  gptq_4b_g32: { bits: 4, groupSize: 32, range: 'minmax' },
  gptq_4b_g64_static_actorder: {
    bits: 4,
    groupSize: 64,
    range: 'minmax',
    staticGroups: true,
    order: 'activation',
  },
  gptq_4b_pc_actorder: { bits: 4, groupSize: columns, range: 'minmax', order: 'activation' },
  gptq_3b_pc: { bits: 3, groupSize: columns, range: 'minmax' },
  gptq_2b_g64: { bits: 2, groupSize: 64, range: 'minmax' },
};

const PRUNING: Record<string, { readonly wanda: boolean; readonly pattern: Pattern }> = {
  wanda_50: { wanda: true, pattern: 0.5 },
  wanda_2_4: { wanda: true, pattern: { n: 2, m: 4 } },
  magnitude_50: { wanda: false, pattern: 0.5 },
  magnitude_2_4: { wanda: false, pattern: { n: 2, m: 4 } },
};

/** WHY not toEqual: it takes a second on 32 768 numbers. */
function differing(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  return a.filter((value, i) => value !== b[i]).length;
}

const covered = { ...ROUNDING, ...GPTQ, ...PRUNING };

it('every rtn, ort, gptq, magnitude and wanda case of the manifest is tested', () => {
  const named = manifest.cases.map((c) => c.name);
  const ours = named.filter((name) => /^(rtn|ort|gptq|magnitude|wanda)_/.test(name));
  expect(Object.keys(covered).sort()).toEqual(ours.sort());
});

describe.each(Object.entries(ROUNDING))('%s', (name, options) => {
  it('equals the reference bit for bit, kernel and oracle alike', () => {
    const expected = vector(name);
    for (const quantize of [quantizeUniform, quantizeUniformOracle]) {
      const encoded = quantize(W, rows, columns, options);
      expect(differing(dequantizeUniform(encoded, rows, columns, options), expected)).toBe(0);
    }
  });
});

describe.each(Object.entries(GPTQ))('%s', (name, options) => {
  it.each([
    { way: 'kernel', solve: gptq },
    { way: 'oracle', solve: gptqOracle },
  ])('$way: 99.9 percent of entries within 1e-5, output error within 0.5 percent', ({ solve }) => {
    const { quantized } = solve(W, rows, columns, vector('H'), options);
    const expected = vector(name);
    const near = quantized.filter((v, i) => Math.abs(v - expected[i]) <= 1e-5).length;
    expect(near / quantized.length).toBeGreaterThanOrEqual(0.999);
    const reference = goldenCase(name).rel_out_err;
    expect(Math.abs(relativeOutputError(W, quantized) / reference - 1)).toBeLessThan(0.005);
  });
});

describe.each(Object.entries(PRUNING))('%s', (name, { wanda, pattern }) => {
  it('gives the reference mask bit for bit', () => {
    const norms = vector('wanda_sr').map(Math.sqrt);
    const keep = wanda
      ? pruneWanda(W, rows, columns, norms, pattern)
      : pruneMagnitude(W, rows, columns, pattern);
    const pruned = W.map((w, i) => (keep[i] === 1 ? w : 0));
    expect(differing(pruned, vector(name))).toBe(0);
  });
});
