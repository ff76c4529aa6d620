import type { DimsOf, Linear } from './linear.ts';
import type { FoundLayers } from './layers.ts';
import { groupBy } from './group.ts';
import { findNorms } from './norms.ts';
import type { Norm } from './norms.ts';
import type { GraphView } from './view.ts';
import { source } from './walk.ts';

/** What the matchers share: the indexed graph and its atoms (linear maps, tables, norms). */
export interface Parts {
  readonly view: GraphView;
  readonly dimsOf: DimsOf;
  readonly found: FoundLayers;
  readonly linearMaking: ReadonlyMap<string, Linear>;
  readonly norms: readonly Norm[];
  readonly normMaking: ReadonlyMap<string, Norm>;
  readonly normsReading: ReadonlyMap<string, readonly Norm[]>;
}

/** Indexes the atoms of a graph by the values they make and read. */
export function collectParts(view: GraphView, dimsOf: DimsOf, found: FoundLayers): Parts {
  const norms = findNorms(view);
  return {
    view,
    dimsOf,
    found,
    norms,
    linearMaking: new Map(found.linears.map((linear) => [linear.output, linear])),
    normMaking: new Map(norms.map((norm) => [norm.output, norm])),
    normsReading: groupBy(norms, (norm) => norm.input),
  };
}

/** {@link source}, not going behind norms. */
export function sourceOf({ view, normMaking }: Parts, value: string): string {
  return source(view, value, normMaking);
}

/** The linear map whose output is another's input: the first factor of one map split in two. */
export function factorBefore(parts: Parts, linear: Linear): Linear | undefined {
  return parts.linearMaking.get(sourceOf(parts, linear.input));
}

/**
 * The value a linear map really reads: its input without reshapes and scalings, and, for a map
 * factored into two (low rank, an adapter), the input of the first factor.
 */
export function inputSource(parts: Parts, linear: Linear): string {
  const before = factorBefore(parts, linear);
  return sourceOf(parts, (before ?? linear).input);
}

/** The last factor of a map split in two: what follows when nothing else reads a map's output. */
export function lastFactor(parts: Parts, linear: Linear): Linear {
  const uses = parts.view.uses(linear.output);
  if (uses.length !== 1) return linear;
  const next = parts.linearMaking.get(parts.view.nodes[uses[0].node].outputs[0]);
  return next?.input === linear.output ? next : linear;
}
