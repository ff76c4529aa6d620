import { externalize, type ExternalFile } from './externalize.ts';
import type { Attribute, Graph, Model, Node, Tensor } from './types.ts';
import { encodedLength } from './write.ts';

/** A model as it goes into files: the graph's own, and data files beside it when one would be too large. */
export interface PackagedModel {
  readonly model: Model;
  /** Empty when everything is in the one file. */
  readonly files: readonly ExternalFile[];
  /** Bytes of all files together, exact, nothing read. */
  readonly byteLength: number;
}

export interface PackageOptions {
  /** Path of the data file, should one be needed; further ones get `_1`, `_2`, … (transformers.js). */
  readonly dataName?: string;
  /** Largest graph file. Default: protobuf's 2³¹ − 1. */
  readonly limit?: number;
}

const PROTOBUF_LIMIT = 2 ** 31 - 1;

/**
 * Puts all weights into the one file where that is possible, wherever they lay before, else into data
 * files beside it. A file never refers to the data files of the model it was made from.
 */
export function packageModel(model: Model, options: PackageOptions = {}): PackagedModel {
  const { dataName = 'model.onnx_data', limit = PROTOBUF_LIMIT } = options;
  const whole: Model = { ...model, graph: inlineGraph(model.graph) };
  const inside = whole.graph === model.graph ? model : whole;
  const length = encodedLength(inside);
  if (length <= limit) return { model: inside, files: [], byteLength: length };
  const moved = externalize(inside, { path: dataName });
  const data = moved.files.reduce((sum, file) => sum + file.byteLength, 0);
  return { ...moved, byteLength: encodedLength(moved.model) + data };
}

/** The same object when nothing lies outside, so that unchanged parts are still spliced. */
function inlineGraph(graph: Graph): Graph {
  const initializers = mapped(graph.initializers, inlineTensor);
  const nodes = mapped(graph.nodes, inlineNode);
  const same = initializers === graph.initializers && nodes === graph.nodes;
  return same ? graph : { ...graph, initializers, nodes };
}

function inlineTensor(tensor: Tensor): Tensor {
  return tensor.external === undefined ? tensor : { ...tensor, external: undefined };
}

function inlineNode(node: Node): Node {
  const attributes = mapped(node.attributes, inlineAttribute);
  return attributes === node.attributes ? node : { ...node, attributes };
}

function inlineAttribute(attribute: Attribute): Attribute {
  if (attribute.kind === 'tensor') {
    const value = inlineTensor(attribute.value);
    return value === attribute.value ? attribute : { ...attribute, value };
  }
  if (attribute.kind === 'graph') {
    const value = inlineGraph(attribute.value);
    return value === attribute.value ? attribute : { ...attribute, value };
  }
  return attribute;
}

function mapped<T>(items: readonly T[], change: (item: T) => T): readonly T[] {
  const changed = items.map(change);
  return changed.every((item, i) => item === items[i]) ? items : changed;
}
