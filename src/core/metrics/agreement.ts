import { accuracy } from './accuracy.ts';
import type { Metric } from './types.ts';

/** Share of examples on which two models choose the same class, whether right or wrong. */
export function agreement<T>(a: ArrayLike<T>, b: ArrayLike<T>): Metric {
  return accuracy(Uint8Array.from({ length: a.length }, (_, i) => Number(a[i] === b[i])));
}

/** Indices of the examples whose class changed. */
export function flippedExamples<T>(a: ArrayLike<T>, b: ArrayLike<T>): number[] {
  return Array.from({ length: a.length }, (_, i) => i).filter((i) => a[i] !== b[i]);
}
