import type { Graph, Model } from '../core/onnx/types.ts';
import { attribute, subgraphs } from '../core/onnx/graph/attributes.ts';
import { DataType } from '../core/tensor/data-type.ts';
import type { SessionOptions } from './types.ts';

/**
 * Does the graph do arithmetic in float16? Weights stored as float16 and cast to float32 at once do
 * not count: onnxruntime folds those casts when it loads the graph (not at optimisation 'disabled').
 */
export function computesInFloat16(model: Model, options: SessionOptions = {}): boolean {
  return graphComputesInFloat16(model.graph, options.optimization === 'disabled');
}

function graphComputesInFloat16(graph: Graph, castsCount: boolean): boolean {
  const halves = new Set(
    graph.initializers.filter((t) => t.dataType === DataType.float16).map((t) => t.name),
  );
  const ports = [...graph.inputs, ...graph.outputs];
  if (ports.some((port) => port.type?.dataType === DataType.float16)) return true;
  return graph.nodes.some((node) => {
    if (subgraphs(node).some((inner) => graphComputesInFloat16(inner, castsCount))) return true;
    if (castsTo(node, DataType.float16)) return true;
    const readsHalf = node.inputs.some((name) => halves.has(name));
    return readsHalf && (castsCount || node.opType !== 'Cast');
  });
}

function castsTo(node: Graph['nodes'][number], dataType: number): boolean {
  if (node.opType !== 'Cast') return false;
  const to = attribute(node, 'to');
  return to?.kind === 'int' && Number(to.value) === dataType;
}
