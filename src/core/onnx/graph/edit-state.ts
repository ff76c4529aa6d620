import { LatheError } from '../../errors/lathe-error.ts';
import type { Graph, Tensor, ValueInfo } from '../types.ts';
import type { NodeList } from './node-list.ts';

/** What the editor has collected; `finishGraph` turns it into a graph. */
export interface EditState {
  readonly original: Graph;
  readonly nodes: NodeList;
  readonly initializers: Map<string, Tensor>;
  inputs: ValueInfo[];
  outputs: ValueInfo[];
  readonly valueInfo: Map<string, ValueInfo>;
  readonly explicitInfo: Set<string>;
  /** Value delivered by each graph output, where it is not the value of that name. */
  readonly delivered: Map<string, string>;
  readonly names: Set<string>;
  removeUnused: boolean;
}

/** Whether an input, initializer or node makes this value. */
export function isDefined(state: EditState, value: string): boolean {
  return (
    state.initializers.has(value) ||
    state.nodes.makerOf(value) !== undefined ||
    state.inputs.some((info) => info.name === value)
  );
}

/** `prefix` when free, else with the first free number; remembers the name as taken. */
export function freshName(names: Set<string>, prefix: string): string {
  const next = tried.get(names) ?? new Map<string, number>();
  tried.set(names, next);
  let name = prefix;
  let n = next.get(prefix) ?? 1;
  // Names are never given back, so numbers that were taken once need not be tried again.
  while (names.has(name)) name = `${prefix}_${n++}`;
  next.set(prefix, n);
  names.add(name);
  return name;
}

const tried = new WeakMap<Set<string>, Map<string, number>>();

/** The error for a second definition of a value. */
export function nameTaken(name: string): LatheError {
  return new LatheError(
    'name-taken',
    `The graph already has a value called "${name}"; ask freshName for a free name.`,
    { value: name },
  );
}

/** The error for a value no input, initializer or node of the graph defines. */
export function valueUnknown(name: string): LatheError {
  return new LatheError(
    'value-unknown',
    `The graph has no value called "${name}"; take the name from one of its inputs, initializers or node outputs.`,
    { value: name },
  );
}
