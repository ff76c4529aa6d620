import { subgraphs } from '../../core/onnx/graph/attributes.ts';
import { segment } from '../../core/onnx/graph/segment.ts';
import { topologicalOrder } from '../../core/onnx/graph/topology.ts';
import { inferShapes, type ShapeInfo } from '../../core/onnx/shape/infer.ts';
import type { Model } from '../../core/onnx/types.ts';
import { valuesOf, type SingleLook } from '../../core/statistics/look.ts';

/** Where a model may be cut: values that one node makes, or inputs of the model. */
export interface Stop {
  readonly values: readonly string[];
  /** What can be looked at here: all values these looks read are computed now. */
  readonly looks: readonly SingleLook[];
  /** The part of the graph that leads here from the stop before; none where nothing is left to compute. */
  readonly part?: { readonly inputs: readonly string[]; readonly outputs: readonly string[] };
  /** Values that later parts or looks still need. */
  readonly kept: ReadonlySet<string>;
}

/** Types and shapes of a model's values, and the stops of a walk through it. */
export interface Route {
  readonly stops: readonly Stop[];
  readonly shapes: ShapeInfo;
}

/**
 * A walk through a model that stops wherever a looked-at value is made, in an order in which each can
 * be computed from the ones before. `cuts` are further values to stop at.
 */
export function planRoute(
  model: Model,
  looks: readonly SingleLook[],
  cuts: readonly string[] = [],
): Route {
  const shapes = inferShapes(model);
  const position = positions(model);
  const values = [...new Set([...looks.flatMap(valuesOf), ...cuts])];
  const at = groupBy(values, position);
  const lookAt = groupBy(looks, (look) => Math.max(...valuesOf(look).map(position)));
  const order = [...at.keys()].sort((a, b) => a - b);
  const parts = partsTo(
    model,
    order.filter((place) => place >= 0).map((place) => at.get(place) ?? []),
    shapes,
  );
  const first = order.length - parts.length;
  const stops = order.map((place, i) => ({
    values: at.get(place) ?? [],
    looks: lookAt.get(place) ?? [],
    part: i < first ? undefined : parts[i - first],
  }));
  return { stops: stops.map((stop, i) => complete(stop, stops.slice(i + 1))), shapes };
}

/** Where in a topological order a value is made; −1 for inputs of the model. */
function positions(model: Model): (value: string) => number {
  const order = new Map<string, number>();
  topologicalOrder(model.graph.nodes).forEach((node, at) => {
    for (const output of node.outputs) order.set(output, at);
  });
  return (value) => order.get(value) ?? -1;
}

type Part = NonNullable<Stop['part']>;

/** What each stop's part reads and must deliver: what later parts need, and the looked-at values. */
function partsTo(model: Model, cuts: readonly string[][], shapes: ShapeInfo): Part[] {
  if (cuts.length === 0) return [];
  const segments = segment(model, cuts, shapes);
  const fixed = constants(model);
  const flows = (value: string): boolean => !fixed.has(value);
  return cuts.map((values, i) => ({
    inputs: segments[i].inputs.filter(flows),
    outputs: [...new Set([...segments[i].outputs.filter(flows), ...values])],
  }));
}

/**
 * Values made of stored tensors alone. Each part makes them anew rather than being handed them: a weight's cast that two
 * parts read is gone from the model as soon as both its readers are compressed.
 */
function constants({ graph }: Model): ReadonlySet<string> {
  const fixed = new Set(graph.initializers.map(({ name }) => name));
  for (const node of topologicalOrder(graph.nodes)) {
    const { inputs, outputs } = node;
    // What a body reads is not among the inputs.
    if (inputs.length === 0 || subgraphs(node).length > 0) continue;
    if (!inputs.every((input) => input === '' || fixed.has(input))) continue;
    for (const output of outputs) fixed.add(output);
  }
  return fixed;
}

type Draft = Pick<Stop, 'values' | 'looks'> & { readonly part: Part | undefined };

function complete({ values, looks, part }: Draft, later: readonly Draft[]): Stop {
  const kept = new Set(later.flatMap((stop) => stop.part?.inputs ?? []));
  for (const value of later.flatMap((stop) => stop.looks.flatMap(valuesOf))) kept.add(value);
  return { values, looks, kept, ...(part && { part }) };
}

function groupBy<T>(items: readonly T[], key: (item: T) => number): Map<number, T[]> {
  const groups = new Map<number, T[]>();
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return groups;
}
