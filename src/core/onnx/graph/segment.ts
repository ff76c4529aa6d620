import { LatheError } from '../../errors/lathe-error.ts';
import { inferShapes } from '../shape/infer.ts';
import type { ShapeInfo } from '../shape/infer.ts';
import type { Graph, Model } from '../types.ts';
import { extractSubgraph } from './extract.ts';
import { topologicalOrder } from './topology.ts';
import { liveNodes } from './unused.ts';
import { definedValues, valuesRead } from './values.ts';

/** One part of a model that is run in parts, one behind the other. */
export interface Segment {
  readonly model: Model;
  /** Values it must be given: outputs of earlier segments, or inputs of the whole model. */
  readonly inputs: readonly string[];
  /** Values it makes that later segments need or that the whole model delivers. */
  readonly outputs: readonly string[];
  /** Values (of `inputs` and `outputs`) that nothing needs any more once it has run. */
  readonly released: readonly string[];
}

/**
 * Splits a model at boundary values: segment i computes what `cuts[i]` needs and earlier segments
 * have not computed, the last one all the rest (nothing when all is cut off). Running them in order, each with the values kept from
 * the earlier ones, equals running the whole model.
 * Throws `value-unknown`, `value-type-unknown`, and `segment-empty` when a cut needs no further node.
 */
export function segment(
  model: Model,
  cuts: readonly (readonly string[])[],
  shapes: ShapeInfo = inferShapes(model),
): readonly Segment[] {
  const graph: Graph = { ...model.graph, nodes: topologicalOrder(model.graph.nodes) };
  const last = graph.outputs.map((info) => info.name);
  const place = placeNodes(graph, [...cuts, last]);
  const flows = flowBetween(graph, place, last, cuts.length);
  return flows.map(({ needed, made }, at) => ({
    model: extractSubgraph({ ...model, graph }, needed, made, shapes),
    inputs: needed,
    outputs: made,
    released: [...needed, ...made].filter(
      (value) =>
        !last.includes(value) && flows.slice(at + 1).every((f) => !f.needed.includes(value)),
    ),
  }));
}

/** For each node the first boundary that needs it; −1 when no output does. */
function placeNodes(graph: Graph, boundaries: readonly (readonly string[])[]): readonly number[] {
  const index = new Map(graph.nodes.map((node, at) => [node, at]));
  const place = graph.nodes.map(() => -1);
  boundaries.forEach((boundary, at) => {
    let grew = false;
    for (const node of liveNodes(graph, boundary)) {
      const nodeIndex = index.get(node) ?? -1;
      if (place[nodeIndex] !== -1) continue;
      place[nodeIndex] = at;
      grew = true;
    }
    if (!grew && at < boundaries.length - 1) throw emptySegment(boundary, at);
  });
  return place;
}

interface Flow {
  readonly needed: string[];
  readonly made: string[];
}

function flowBetween(
  graph: Graph,
  place: readonly number[],
  delivered: readonly string[],
  count: number,
): readonly Flow[] {
  const initializers = new Set(graph.initializers.map((tensor) => tensor.name));
  const defined = definedValues(graph);
  const maker = new Map<string, number>();
  graph.nodes.forEach((node, at) => node.outputs.forEach((value) => maker.set(value, place[at])));
  const needed = Array.from({ length: count + 1 }, () => new Set<string>());
  const made = Array.from({ length: count + 1 }, () => new Set<string>());
  graph.nodes.forEach((node, at) => {
    const here = place[at];
    if (here < 0) return;
    for (const value of valuesRead(node)) {
      const from = maker.get(value);
      if (from === here || initializers.has(value) || !defined.has(value)) continue;
      needed[here].add(value);
      if (from !== undefined) made[from].add(value);
    }
  });
  for (const value of delivered) {
    made[maker.get(value) ?? count].add(value);
    if (!maker.has(value) && !initializers.has(value)) needed[count].add(value);
  }
  return needed.map((set, at) => ({ needed: [...set], made: [...made[at]] }));
}

function emptySegment(boundary: readonly string[], at: number): LatheError {
  return new LatheError(
    'segment-empty',
    `Cut ${at + 1} ("${boundary.join('", "')}") adds no node to what the cuts before it compute; leave it out or move it.`,
    { cut: at + 1 },
  );
}
