import type { GraphBuilder } from './graph-builder.ts';

/** Small constants of a graph, each stored once however often it is used. */
export class Constants {
  readonly #graph: GraphBuilder;
  readonly #names = new Map<string, string>();

  constructor(graph: GraphBuilder) {
    this.#graph = graph;
  }

  /** A float32 scalar. */
  float(value: number): string {
    return this.#once(`float_${value}`, (name) => this.#graph.floats(name, [], [value]));
  }

  /** An int64 scalar. */
  integer(value: number): string {
    return this.#once(`integer_${value}`, (name) => this.#graph.integers(name, [value], []));
  }

  /** An int64 vector (axes, shapes, slice bounds). */
  integers(...values: readonly number[]): string {
    return this.#once(`integers_${values.join('_')}`, (name) => this.#graph.integers(name, values));
  }

  #once(key: string, make: (name: string) => string): string {
    const known = this.#names.get(key);
    if (known !== undefined) return known;
    const name = make(`constant_${key}`);
    this.#names.set(key, name);
    return name;
  }
}
