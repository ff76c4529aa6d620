import { gemmDoubleOracle, symvUpperOracle, type DoubleProduct } from './doubles-oracle.ts';
import { PART } from './gemm-layout.ts';
import { kernels, type Kernels } from './load.ts';
import { gemmDoubleInParts, workAreas } from './parts.ts';

/** Bytes of the packed panels the `gemmDouble` kernel works in (assembly/double.ts). */
const WORK = 8 * (96 * 192 + 192 * 384 + 16);

/** float64 numbers that the kernels reach, and what they can do with them; positions are indices of `heap`. */
export interface Doubles {
  readonly heap: Float64Array;
  multiply(product: DoubleProduct): void;
  /** y = A·x for symmetric A [n, n] at `a` with rows `stride` apart, of which the upper half is read. */
  symmetricTimes(a: number, stride: number, n: number, x: number, y: number): void;
}

/**
 * Runs `work` over a heap of `length` float64 numbers of undefined contents: in the kernels' memory, or, without kernels,
 * an array of its own with plain TypeScript in their place. The heap ends with `work`.
 */
export function withDoubles<T>(length: number, work: (doubles: Doubles) => T): T {
  const wasm = kernels();
  if (wasm === undefined) return work(plainDoubles(new Float64Array(length)));
  return wasm.arena.scope(() => {
    const panels = workAreas(wasm, WORK);
    const base = wasm.arena.alloc(8 * length);
    return work(kernelDoubles(wasm, panels, base, length));
  });
}

/** Oracle of the doubles that kernels compute with: the same over an ordinary array. */
export function plainDoubles(heap: Float64Array): Doubles {
  return {
    heap,
    multiply: (product) => gemmDoubleOracle(heap, product),
    symmetricTimes: (a, stride, n, x, y) => symvUpperOracle(heap, { a, stride, n, x, y }),
  };
}

function kernelDoubles(wasm: Kernels, panels: number, base: number, length: number): Doubles {
  const at = (index: number): number => base + 8 * index;
  return {
    heap: wasm.arena.doubles(base, length),
    multiply: ({ upper, a, b, c, ...sizes }) => {
      if (sizes.m === 0 || sizes.n === 0 || sizes.k === 0) return;
      const place = { a: at(a), b: at(b), c: at(c), work: panels };
      const part = upper === true ? PART.upper : PART.all;
      gemmDoubleInParts(wasm, { ...sizes, ...place, part }, WORK);
    },
    symmetricTimes: (a, stride, n, x, y) => {
      wasm.symvUpper({ a: at(a), stride, n, x: at(x), y: at(y) });
    },
  };
}
