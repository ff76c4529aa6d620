import { opsetOf } from '../onnx/graph/opset.ts';
import { indexGraph, type GraphIndex } from '../onnx/graph/index-graph.ts';
import { inferShapes, type ShapeInfo } from '../onnx/shape/infer.ts';
import type { Dim } from '../onnx/shape/dimension.ts';
import type { Graph, Model } from '../onnx/types.ts';

/** A graph with everything a cut looks up. */
export interface CutGraph {
  readonly model: Model;
  readonly opset: number;
  readonly index: GraphIndex;
  readonly shapes: ShapeInfo;
  readonly dims: (value: string) => readonly Dim[] | undefined;
}

const known = new WeakMap<Graph, CutGraph>();

/** The graph of a model, indexed and with its shapes inferred: once for each graph. */
export function cutGraph(model: Model): CutGraph {
  const found = known.get(model.graph) ?? look(model);
  known.set(model.graph, found);
  return found;
}

function look(model: Model): CutGraph {
  const shapes = inferShapes(model);
  return {
    model,
    opset: opsetOf(model, ''),
    index: indexGraph(model.graph),
    shapes,
    dims: (value) => shapes.typeOf(value)?.dims,
  };
}
