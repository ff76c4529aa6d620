import type { Anatomy, Layer } from '../../anatomy/types.ts';
import type { Place } from '../../encodings/index.ts';
import { isPassing } from '../../encodings/index.ts';
import { indexGraph, type GraphIndex } from '../../onnx/graph/index-graph.ts';
import type { Model } from '../../onnx/types.ts';
import type { Refusal } from '../contract.ts';
import { floatPlace, isRefusal } from '../site.ts';

/** Layers that are to read one initializer, and where each of them reads its own today. */
export interface PlacedGroup {
  readonly layers: readonly Layer[];
  readonly places: readonly Place[];
}

/** What of a group can share, and why the rest of it cannot. */
export interface GroupChoice {
  /** Absent where fewer than two different weights are left. */
  readonly group?: PlacedGroup;
  readonly skipped: readonly { readonly layer: Layer; readonly reason: string }[];
}

/** Asks of each layer of a group whether its weight can be exchanged for that of the first one. */
export function groupChooser(
  model: Model,
  anatomy: Anatomy,
): (layers: readonly Layer[]) => GroupChoice {
  const index = indexGraph(model.graph);
  const asked = (
    layer: Layer,
    first: Place | undefined,
    all: readonly Layer[],
  ): Place | Refusal => {
    const place = floatPlace(model, layer);
    if (isRefusal(place)) return place;
    if (first !== undefined && !alike(place, first)) return { refused: otherForm(layer, first) };
    return obstacle(index, anatomy, place, all) ?? place;
  };
  return (layers) => {
    const skipped: { layer: Layer; reason: string }[] = [];
    const found: { layer: Layer; place: Place }[] = [];
    for (const layer of layers) {
      const place = asked(layer, found[0]?.place, layers);
      if (isRefusal(place)) skipped.push({ layer, reason: place.refused });
      else found.push({ layer, place });
    }
    const weights = new Set(found.map(({ place }) => place.weight.name));
    if (weights.size < 2) return { skipped: [...skipped, ...alone(found, weights.size)] };
    const group = {
      layers: found.map(({ layer }) => layer),
      places: found.map(({ place }) => place),
    };
    return { group, skipped };
  };
}

function alone(found: readonly { readonly layer: Layer }[], weights: number) {
  if (weights === 0 || found.length < 2) return [];
  return found.map(({ layer }) => ({
    layer,
    reason: `"${layer.name}" reads the same weight as the others already, so there is nothing to share.`,
  }));
}

function alike({ weight, stored, wanted, elementType }: Place, first: Place): boolean {
  const dims = weight.dims.join() === first.weight.dims.join();
  const form = stored === first.stored && wanted === first.wanted;
  return (
    dims && form && weight.dataType === first.weight.dataType && elementType === first.elementType
  );
}

function otherForm(layer: Layer, first: Place): string {
  return `"${layer.name}" has another shape, type or layout than "${first.layer.name}", so it keeps a weight of its own.`;
}

/** A weight that something else reads, or that a caller may replace, cannot be exchanged. */
function obstacle(
  index: GraphIndex,
  { layers }: Anatomy,
  { layer, weight }: Place,
  group: readonly Layer[],
): Refusal | undefined {
  const inside = new Set(
    group.flatMap(({ output, twins = [] }) => [output, ...twins.map((twin) => twin.output)]),
  );
  const known = new Set(layers.map(({ output }) => output));
  const open = [weight.name];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    for (const node of index.consumers(value)) {
      if (inside.has(node.outputs[0])) continue;
      if (!isPassing(node) || known.has(node.outputs[0]))
        return { refused: readElsewhere(layer.name) };
      open.push(node.outputs[0]);
    }
  }
  if (!index.isGraphInput(weight.name) && !index.isGraphOutput(weight.name)) return undefined;
  return { refused: readElsewhere(layer.name) };
}

function readElsewhere(name: string): string {
  return `The weight of "${name}" is read by something outside of the set as well, so it was left as it is.`;
}
