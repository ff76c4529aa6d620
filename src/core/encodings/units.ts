import type { GraphIndex } from '../onnx/graph/index-graph.ts';
import type { Site } from './form.ts';
import { nest } from './nest.ts';
import { isPlainProduct, requirePlace, type Place } from './place.ts';
import type { Encoded, EncodedLayer, WeightUse } from './types.ts';

/** One encoded weight and every layer that reads it. */
export interface Unit {
  readonly encoded: Encoded;
  readonly places: readonly Place[];
  readonly inputs: readonly EncodedLayer['input'][];
}

/**
 * Groups layers that read the same initializer and hold the same encoded values
 * (`EncodedLayer.shareable`), so that a tied weight is stored once. Order: first layer first.
 */
export function storageUnits(index: GraphIndex, layers: readonly EncodedLayer[]): Unit[] {
  const units = new Map<
    string,
    { encoded: Encoded; places: Place[]; inputs: Unit['inputs'][0][] }
  >();
  layers.forEach(({ layer, encoded, shareable, input }, i) => {
    const place = requirePlace(index, layer);
    const key = shareable ? `${place.weight.name}\n${nest.key(encoded)}` : `\n${i}`;
    const unit = units.get(key) ?? { encoded, places: [], inputs: [] };
    units.set(key, unit);
    for (const found of [place, ...twinPlaces(index, layer)]) {
      unit.places.push(found);
      unit.inputs.push(input);
    }
  });
  return [...units.values()];
}

/** Where else the layer's weight enters: nodes of a merged decoder's other branch. */
function twinPlaces(index: GraphIndex, layer: WeightUse): readonly Place[] {
  const twins = layer.twins ?? [];
  return twins.map((twin) => requirePlace(index, { ...layer, ...twin }));
}

/** What the graph around a unit's weight asks for; the first layer's weight gives its dims and type. */
export function siteOf({ places, inputs }: Unit, opset: number): Site {
  const [{ layer, weight, stored, elementType, wanted }] = places;
  const layouts = new Set(places.map((place) => place.wanted));
  return {
    rows: layer.outFeatures,
    columns: layer.inFeatures,
    ...{ dims: weight.dims, dataType: weight.dataType, stored, elementType, opset },
    layout: layouts.size === 1 ? wanted : 'out-in',
    uses: places.map(({ layer: { op }, node }, i) => ({
      ...{ op, plain: isPlainProduct(node) },
      ...(inputs[i] && { input: inputs[i].kind }),
    })),
  };
}
