import { segment } from '../onnx/graph/segment.ts';
import { topologicalOrder } from '../onnx/graph/topology.ts';
import { liveNodes } from '../onnx/graph/unused.ts';
import type { Graph, Model, Node, Tensor } from '../onnx/types.ts';
import { gateSites } from './gate-sites.ts';
import { gatedModel, type GateInputs } from './gated-model.ts';
import { openWeights, replacedWeights } from './replaced-weights.ts';
import type { Ablation } from './types.ts';

/** A part of a gated model: from the values before some gates to the next value that has one. */
export interface GatedPart {
  readonly model: Model;
  readonly outputs: readonly string[];
  /** Gates that this part has: what it makes depends on how they are set, and on those of the parts before. */
  readonly gates: readonly GateInputs[];
  /** Weights that this part must be given: what they hold in the model itself. */
  readonly weights: readonly Tensor[];
  /** Values of this part and those before that later parts read. */
  readonly kept: ReadonlySet<string>;
}

/**
 * The way from a model's inputs to one of its values, cut before each gate that these ablations shut and before each node
 * whose weight they replace. What is computed before does not depend on it: each part is run once for all ablations that
 * agree on the gates and weights up to it. Throws `ablation-value`, `ablation-weight`, `value-type-unknown`.
 */
export function gatedParts(
  model: Model,
  ablations: readonly Ablation[],
  output: string,
): readonly GatedPart[] {
  const gated = gatedModel(model, gateSites(ablations));
  const opened = openWeights(gated.model, replacedWeights(ablations));
  const { graph } = opened.model;
  const outputs = graph.outputs.filter(({ name }) => name === output);
  const nodes = topologicalOrder(liveNodes(graph, [output]));
  const needed = new Set(nodes.flatMap((node) => node.outputs));
  const gates = gated.gates.filter(({ value }) => needed.has(value));
  const whole = { ...opened.model, graph: { ...graph, nodes, outputs } };
  const besides = opened.besides.filter((values) => values.every((value) => needed.has(value)));
  const segments = segment(whole, stopsIn(whole.graph, [...gateStops(nodes, gates), ...besides]));
  return segments.map(({ model: part, outputs: made, inputs }, at) => {
    const given = new Set(inputs);
    const later = segments.slice(at + 1).flatMap((after) => after.inputs);
    return {
      model: part,
      outputs: made,
      gates: gates.filter((gate) => inputsOf(gate).some((name) => given.has(name))),
      weights: opened.weights.filter(({ name }) => given.has(name)),
      kept: new Set([...later, output]),
    };
  });
}

function inputsOf({ mask, switches }: GateInputs): string[] {
  return [...(mask === undefined ? [] : [mask]), ...switches.map(({ input }) => input)];
}

/** Values before their gates; those that one node makes are one stop. */
function gateStops(nodes: readonly Node[], gates: readonly GateInputs[]): string[][] {
  const maker = new Map(
    nodes.flatMap((node) => node.outputs.map((value) => [value, node] as const)),
  );
  const stops = new Map<Node | undefined, string[]>();
  for (const { open } of gates) {
    const node = maker.get(open);
    stops.set(node, [...(stops.get(node) ?? []), open]);
  }
  return [...stops.values()];
}

/** Stops in the order in which they are reached, without those at which nothing new is computed. */
function stopsIn(graph: Graph, stops: readonly (readonly string[])[]): (readonly string[])[] {
  const place = new Map<string, number>();
  graph.nodes.forEach(({ outputs }, at) => outputs.forEach((value) => place.set(value, at)));
  const last = (values: readonly string[]) => Math.max(...values.map((v) => place.get(v) ?? -1));
  const done = new Set<Node>();
  return stops
    .filter((values) => values.length > 0)
    .toSorted((a, b) => last(a) - last(b))
    .filter((values) => {
      const known = done.size;
      for (const node of liveNodes(graph, values)) done.add(node);
      return done.size > known;
    });
}
