import { describe, expect, it } from 'vitest';
import { CancelledError, LatheError } from '../errors/lathe-error.ts';
import { gptqOracle } from './gptq-oracle.ts';
import { gptq, type GptqOptions } from './gptq.ts';
import { dequantizeUniform, quantizeUniform } from './rtn.ts';
import { secondMomentsOracle } from './syrk.ts';
import { activations, differing, gaussian } from './testing.ts';

interface Layer {
  readonly rows: number;
  readonly columns: number;
  readonly w: Float32Array;
  readonly h: Float32Array;
}

function layer(rows: number, columns: number): Layer {
  const h = new Float32Array(columns * columns);
  secondMomentsOracle(h, activations(2 * columns, columns, 13), 2 * columns, columns);
  return { rows, columns, w: gaussian(rows * columns, 12), h };
}

const solve = (l: Layer, options: GptqOptions) => gptq(l.w, l.rows, l.columns, l.h, options);
const oracle = (l: Layer, options: GptqOptions) => gptqOracle(l.w, l.rows, l.columns, l.h, options);

/** tr((W − Ŵ)·H·(W − Ŵ)ᵀ): the output error GPTQ minimises. */
function outputError({ rows, columns, w, h }: Layer, approximated: Float32Array): number {
  let total = 0;
  for (let r = 0; r < rows; r++) {
    const d = Float64Array.from({ length: columns }, (_, c) => {
      return w[r * columns + c] - approximated[r * columns + c];
    });
    for (let i = 0; i < columns; i++)
      for (let j = 0; j < columns; j++) total += d[i] * h[i * columns + j] * d[j];
  }
  return total;
}

const GRID = { bits: 4, groupSize: 64, range: 'minmax' } as const;

/** Everything the golden cases leave out. */
const VARIANTS: (GptqOptions & { shape: readonly [number, number] })[] = [
  { ...GRID, shape: [20, 100] },
  { ...GRID, shape: [7, 100], groupSize: 16, range: 'signed-max' },
  { ...GRID, shape: [17, 128], groupSize: 32, range: 'absmax', bits: 3 },
  { ...GRID, shape: [5, 130], groupSize: 32, clip: 'mse' },
  { ...GRID, shape: [9, 192], groupSize: 96, blockSize: 64 },
  { ...GRID, shape: [9, 200], groupSize: 150, blockSize: 32 },
  { ...GRID, shape: [16, 96], groupSize: 32, order: 'activation' },
  { ...GRID, shape: [16, 96], groupSize: 32, order: 'activation', staticGroups: true },
  { ...GRID, shape: [16, 100], groupSize: 32, order: 'blocks' },
  { ...GRID, shape: [16, 96], groupSize: 16, order: 'blocks', staticGroups: true },
  { ...GRID, shape: [9, 200], groupSize: 150, blockSize: 32, order: 'blocks' },
  { ...GRID, shape: [3, 45], groupSize: 45, bits: 2 },
  { ...GRID, shape: [3, 45], groupSize: 64, bits: 8 },
];

describe('gptq', () => {
  it.each(VARIANTS)('agrees with the reference formulation: %o', ({ shape, ...options }) => {
    const problem = layer(...shape);
    const ours = solve(problem, options);
    const reference = oracle(problem, options);
    const share = differing(ours.codes, reference.codes) / ours.codes.length;
    // float32 against float64: a code may flip where a value lies on the edge between two.
    expect(share).toBeLessThanOrEqual(0.002);
    const ratio = outputError(problem, ours.quantized) / outputError(problem, reference.quantized);
    expect(Math.abs(ratio - 1)).toBeLessThan(0.005);
    expect(ours.groupIndex).toEqual(reference.groupIndex);
    expect(ours.zeros === undefined).toBe(options.range !== 'minmax');
  });

  it.each([{ ...GRID }, { ...GRID, range: 'signed-max' } as const])(
    'codes, scales and zeros give the quantized weight: %o',
    (options) => {
      const problem = layer(10, 128);
      const result = solve(problem, options);
      const zeros = result.zeros && Uint8Array.from(result.zeros);
      const back = dequantizeUniform({ ...result, zeros }, 10, 128, options);
      expect(differing(result.quantized, back)).toBe(0);
    },
  );

  it('groups in activation order are named by groupIndex', () => {
    const { rows, columns, w, h } = layer(4, 96);
    const options = { ...GRID, groupSize: 32, order: 'activation' } as const;
    const { codes, scales, zeros, groupIndex, quantized } = gptq(w, rows, columns, h, options);
    const back = quantized.map((_, i) => {
      const at = Math.floor(i / columns) * 3 + (groupIndex?.[i % columns] ?? NaN);
      return scales[at] * (codes[i] - (zeros?.[at] ?? NaN));
    });
    expect(differing(back, quantized)).toBe(0);
    const loudest = h.filter((_, i) => i % (columns + 1) === 0);
    expect(groupIndex?.[loudest.indexOf(Math.max(...loudest))]).toBe(0);
  });

  it('beats round-to-nearest on the same grid in output error', () => {
    const problem = layer(24, 128);
    for (const bits of [3, 4] as const) {
      const options = { ...GRID, bits };
      const rounded = dequantizeUniform(
        quantizeUniform(problem.w, 24, 128, options),
        24,
        128,
        options,
      );
      const solved = solve(problem, options).quantized;
      expect(outputError(problem, solved)).toBeLessThan(0.8 * outputError(problem, rounded));
    }
  });

  it('without correlations it is round-to-nearest', () => {
    const { rows, columns, w } = layer(8, 64);
    const h = new Float32Array(columns * columns);
    for (let j = 0; j < columns; j++) h[j * columns + j] = 1 + j;
    const { codes } = gptq(w, rows, columns, h, GRID);
    expect(differing(codes, quantizeUniform(w, rows, columns, GRID).codes)).toBe(0);
  });

  it('columns never active become 0; H and W are not changed', () => {
    const { rows, columns, w, h } = layer(6, 64);
    for (let j = 0; j < columns; j++) h[7 * columns + j] = h[j * columns + 7] = 0;
    const before = { w: w.slice(), h: h.slice() };
    const { quantized } = gptq(w, rows, columns, h, GRID);
    expect([...quantized].filter((_, i) => i % columns === 7)).toEqual(new Array(rows).fill(0));
    expect(differing(w, before.w) + differing(h, before.h)).toBe(0);
  });

  it('the scale of H does not matter; its contents do', () => {
    const problem = layer(12, 96);
    const plain = solve(problem, GRID);
    const doubled = solve({ ...problem, h: problem.h.map((v) => 4 * v) }, GRID);
    expect(differing(plain.codes, doubled.codes)).toBe(0);
    const shuffled = solve({ ...problem, h: problem.h.toReversed() }, GRID);
    expect(differing(plain.codes, shuffled.codes)).toBeGreaterThan(50);
    expect(outputError(problem, plain.quantized)).toBeLessThan(
      outputError(problem, shuffled.quantized),
    );
  });

  it('raises damping when H cannot be factored, and reports it', () => {
    const { rows, columns, w, h } = layer(4, 32);
    for (let j = 0; j < columns; j++) h[j * columns + j] *= 0.5;
    const { damping, quantized } = gptq(w, rows, columns, h, { ...GRID, groupSize: 32 });
    expect([0.1, 1, 10]).toContain(damping);
    expect(quantized.every(Number.isFinite)).toBe(true);
  });

  it('refuses second moments that are damaged', () => {
    const { rows, columns, w, h } = layer(4, 32);
    h[5 * columns + 5] = NaN;
    for (const run of [gptq, gptqOracle]) {
      expect(() => run(w, rows, columns, h, GRID)).toThrow(LatheError);
      expect(() => run(w, rows, columns, h, GRID)).toThrow(
        'The 32×32 second moments could not be factored even with damping 0.01: they are damaged or hold values that are not numbers; collect the statistics again with more calibration rows.',
      );
    }
  });

  it('refuses a weight that is not finite', () => {
    const { rows, columns, w, h } = layer(4, 64);
    w[70] = Infinity;
    expect(() => gptq(w, rows, columns, h, GRID)).toThrow(
      'holds a value that is not a finite number, so it has no grid: repair or re-export the model, or leave this layer out.',
    );
  });

  it('reports progress and stops when cancelled', () => {
    const problem = layer(4, 300);
    const { rows, columns, w, h } = problem;
    const seen: number[] = [];
    gptq(w, rows, columns, h, GRID, { progress: (fraction) => seen.push(fraction) });
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen.at(-1)).toBe(1);
    let calls = 0;
    const controller = new AbortController();
    const progress = (): void => {
      if (++calls === 2) controller.abort();
    };
    const { signal } = controller;
    expect(() => gptq(w, rows, columns, h, GRID, { signal, progress })).toThrow(CancelledError);
    expect(calls).toBe(2);
    expect(solve(problem, GRID).codes).toEqual(solve(problem, GRID).codes);
  });
});
