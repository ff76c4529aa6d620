import { segment } from '../onnx/graph/segment.ts';
import { liveNodes } from '../onnx/graph/unused.ts';
import type { Model, Node } from '../onnx/types.ts';
import { gateSites } from './gate-sites.ts';
import { gatedModel, type GateInputs } from './gated-model.ts';
import type { Ablation } from './types.ts';

/** A part of a gated model: from the values before some gates to the next value that has one. */
export interface GatedPart {
  readonly model: Model;
  readonly outputs: readonly string[];
  /** Gates that this part has: what it makes depends on how they are set, and on those of the parts before. */
  readonly gates: readonly GateInputs[];
  /** Values of this part and those before that later parts read. */
  readonly kept: ReadonlySet<string>;
}

/**
 * The way from a model's inputs to one of its values, cut before each gate that these ablations shut. What is computed before
 * a gate does not depend on it: each part is run once for all ablations that agree on the gates up to it.
 * Throws `ablation-value`, `value-type-unknown`.
 */
export function gatedParts(
  model: Model,
  ablations: readonly Ablation[],
  output: string,
): readonly GatedPart[] {
  const gated = gatedModel(model, gateSites(ablations));
  const { graph } = gated.model;
  const outputs = graph.outputs.filter(({ name }) => name === output);
  const live = liveNodes(graph, [output]);
  const needed = new Set(live.flatMap((node) => node.outputs));
  const gates = gated.gates.filter(({ value }) => needed.has(value));
  const whole = { ...gated.model, graph: { ...graph, nodes: live, outputs } };
  const segments = segment(whole, stopsAt(live, gates));
  return segments.map(({ model: part, outputs: made, inputs }, at) => {
    const given = new Set(inputs);
    const later = segments.slice(at + 1).flatMap((after) => after.inputs);
    return {
      model: part,
      outputs: made,
      gates: gates.filter((gate) => inputsOf(gate).some((name) => given.has(name))),
      kept: new Set([...later, output]),
    };
  });
}

function inputsOf({ mask, switches }: GateInputs): string[] {
  return [...(mask === undefined ? [] : [mask]), ...switches.map(({ input }) => input)];
}

/** Values before their gates; those that one node makes are one stop. */
function stopsAt(nodes: readonly Node[], gates: readonly GateInputs[]): string[][] {
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
