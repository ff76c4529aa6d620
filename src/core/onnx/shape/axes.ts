import type { Dim } from './dimension.ts';
import type { Known, RuleContext } from './types.ts';
import { intsAttribute } from '../graph/attributes.ts';

/** An axis counted from the front, or undefined when it lies outside [−rank, rank). */
export function axisAt(axis: number, rank: number): number | undefined {
  const at = axis < 0 ? axis + rank : axis;
  return Number.isInteger(at) && at >= 0 && at < rank ? at : undefined;
}

/** All axes counted from the front, or undefined when one lies outside. */
export function axesAt(axes: readonly number[], rank: number): readonly number[] | undefined {
  const result: number[] = [];
  for (const axis of axes) {
    const at = axisAt(axis, rank);
    if (at === undefined) return undefined;
    result.push(at);
  }
  return result;
}

/** The elements of a known tensor as plain integers, or undefined when one is not. */
export function integersOf(known: Known | undefined): readonly number[] | undefined {
  const result: number[] = [];
  if (!known) return undefined;
  for (const element of known.elements) {
    if (typeof element !== 'number') return undefined;
    result.push(element);
  }
  return result;
}

/**
 * Integers that older operator sets give as an attribute and newer ones as an input: 'absent' when
 * neither is there, undefined when the input's elements are not known.
 */
export function integersFrom(
  context: RuleContext,
  name: string,
  input: number,
): readonly number[] | 'absent' | undefined {
  const attribute = intsAttribute(context.node, name);
  if (attribute) return attribute;
  return context.has(input) ? integersOf(context.known(input)) : 'absent';
}

/** `count` unknown sizes. */
export function unknownDims(count: number): readonly Dim[] {
  return Array.from({ length: count }, () => undefined);
}

/** `dims` with the size at `axis` exchanged. */
export function withDim(dims: readonly Dim[], axis: number, size: Dim): readonly Dim[] {
  return dims.map((dim, at) => (at === axis ? size : dim));
}
