import { addDims, ceilDivideDims, minDims, subtractDims } from './dimension.ts';
import type { Dim } from './dimension.ts';

/** From here on a Slice end means "to the end": exporters write INT32_MAX or INT64_MAX. */
const OPEN_END = 2 ** 31 - 1;

/**
 * Size of an axis after Slice [start, end) by `step`. Numbers are clamped as ONNX says. With symbols
 * a bound is taken to lie inside the axis: position tables and causal masks are cut at sizes the run
 * itself has, and where that did not hold, the model would fail at the next broadcast.
 */
export function slicedDim(dim: Dim, start: Dim, end: Dim, step: Dim): Dim {
  if (typeof step !== 'number' || step === 0) return undefined;
  if (typeof dim === 'number' && typeof start === 'number' && typeof end === 'number') {
    const [from, to] = sliceBounds(dim, start, end, step);
    return Math.max(Math.ceil((to - from) / step), 0);
  }
  if (step < 0) return isWhole(start, end) && step === -1 ? dim : undefined;
  const from = lowerBound(dim, start);
  const to = upperBound(dim, end);
  const length = subtractDims(to, from);
  // Sizes are at least 1, so the first or last element of a symbolic axis exists.
  const inside = typeof length === 'number' && length > 1 ? minDims(length, dim) : length;
  return ceilDivideDims(inside, step);
}

/** The clamped [start, end) of ONNX Slice on an axis of known size. */
export function sliceBounds(
  size: number,
  start: number,
  end: number,
  step: number,
): readonly [number, number] {
  const clamp = (at: number, low: number, high: number): number =>
    Math.min(Math.max(at < 0 ? at + size : at, low), high);
  if (step > 0) return [clamp(start, 0, size), clamp(end, 0, size)];
  return [clamp(start, 0, size - 1), clamp(end, -1, size - 1)];
}

function isWhole(start: Dim, end: Dim): boolean {
  const fromLast = start === -1 || (typeof start === 'number' && start >= OPEN_END);
  return fromLast && typeof end === 'number' && end <= -OPEN_END;
}

function lowerBound(dim: Dim, start: Dim): Dim {
  if (typeof start !== 'number') return start;
  return start < 0 ? addDims(dim, start) : start;
}

function upperBound(dim: Dim, end: Dim): Dim {
  if (typeof end !== 'number') return end;
  if (end >= OPEN_END) return dim;
  return end < 0 ? addDims(dim, end) : end;
}
