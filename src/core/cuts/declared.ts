import type { GraphEditor } from '../onnx/graph/edit.ts';
import type { Dim } from '../onnx/shape/dimension.ts';
import type { Dimension, Graph, ValueInfo } from '../onnx/types.ts';
import { mapSubgraphs } from '../onnx/graph/attributes.ts';

type SizesOf = (value: string) => readonly Dim[] | undefined;

/** Declared sizes of inputs, outputs, inner values and bodies of branches become those of `sizes`. */
export function declareSizes(edit: GraphEditor, graph: Graph, sizes: SizesOf): void {
  for (const info of [...graph.inputs, ...graph.outputs, ...graph.valueInfo]) {
    const changed = resized(info, sizes);
    if (changed !== info) edit.setValueInfo(changed);
  }
  for (const node of graph.nodes) {
    const changed = mapSubgraphs(node, (body) => inBody(body, sizes));
    if (changed !== node) edit.replaceNode(node, changed);
  }
}

function inBody(body: Graph, sizes: SizesOf): Graph {
  const outputs = body.outputs.map((info) => resized(info, sizes));
  const same = outputs.every((info, i) => info === body.outputs[i]);
  return same ? body : { ...body, outputs };
}

/** Sizes that are numbers on both sides; names of open sizes stay. */
function resized(info: ValueInfo, sizes: SizesOf): ValueInfo {
  const found = sizes(info.name);
  const dims = info.type?.dims;
  if (!info.type || !dims || found?.length !== dims.length) return info;
  const next = dims.map((dim, at) => newSize(dim, found[at]));
  if (next.every((dim, at) => dim === dims[at])) return info;
  return { ...info, type: { ...info.type, dims: next } };
}

function newSize(dim: Dimension, size: Dim): Dimension {
  if (dim.value === undefined || typeof size !== 'number' || size === dim.value) return dim;
  return { ...dim, value: size };
}
