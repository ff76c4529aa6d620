import type { Layer } from '../anatomy/types.ts';
import { indexGraph, type GraphIndex } from '../onnx/graph/index-graph.ts';
import type { Graph, Model } from '../onnx/types.ts';
import { DataType, dataTypeName } from '../tensor/data-type.ts';
import type { Refusal, WeightSite } from './contract.ts';
import { isPlainProduct, standardOpset } from './export/choose-format.ts';
import { findPlace, type Place } from './export/place.ts';
import { isFloatType } from './half.ts';

/** Models are immutable, so one index per graph serves every layer of it. */
const indices = new WeakMap<Graph, GraphIndex>();

/** Where a layer's weight sits in this model now; undefined when it is no plain weight (any more). */
export function placeOf(model: Model, layer: Layer): Place | undefined {
  let index = indices.get(model.graph);
  if (index === undefined) {
    index = indexGraph(model.graph);
    indices.set(model.graph, index);
  }
  return findPlace(index, layer);
}

/** What a float32 model of a recent operator set allows. */
export const DEFAULT_SITE: WeightSite = {
  opset: 21,
  dataType: DataType.float32,
  elementType: DataType.float32,
  plain: true,
};

/** What the model around a place allows. */
export function siteAt(model: Model, place: Place): WeightSite {
  return {
    opset: standardOpset(model),
    dataType: place.weight.dataType,
    elementType: place.elementType,
    plain: isPlainProduct(place.node),
  };
}

/**
 * The site of a layer, or why no method can work on it: its weight is gone, or holds no floating-point
 * numbers.
 */
export function siteOrRefusal(model: Model, layer: Layer): WeightSite | Refusal {
  const place = placeOf(model, layer);
  if (place === undefined) {
    return {
      refused: `"${layer.name}" is no plain weight in this model (another step or tool has already encoded it), so it was left as it is.`,
    };
  }
  const { dataType } = place.weight;
  if (isFloatType(dataType)) return siteAt(model, place);
  const type = dataTypeName(dataType) ?? `type ${dataType}`;
  return {
    refused: `"${layer.name}" is stored as ${type}, not as floating-point numbers, so it was left as it is.`,
  };
}

/** Narrows plan results. */
export function isRefusal<T extends object>(result: T | Refusal): result is Refusal {
  return 'refused' in result;
}
