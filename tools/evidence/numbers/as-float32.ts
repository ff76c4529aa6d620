import { isOp } from '../../../src/core/anatomy/operators.ts';
import { intAttribute } from '../../../src/core/onnx/graph/attributes.ts';
import { editGraph } from '../../../src/core/onnx/graph/edit.ts';
import { indexGraph } from '../../../src/core/onnx/graph/index-graph.ts';
import { makeNode, makeTensor } from '../../../src/core/onnx/graph/make.ts';
import type { Model } from '../../../src/core/onnx/types.ts';
import { toFloat32 } from '../../../src/core/tensor/convert.ts';
import { DataType, elementCount } from '../../../src/core/tensor/data-type.ts';

/** The same numbers, stored as float32 where they were halves that are cast: what is computed from them is rounded no more. */
export async function asFloat32(model: Model): Promise<Model> {
  const index = indexGraph(model.graph);
  const edit = editGraph(model.graph);
  for (const { name, dims, dataType, data } of model.graph.initializers) {
    const casts = index.consumers(name);
    const cast = casts.every(
      (node) => isOp(node, 'Cast') && intAttribute(node, 'to', 0) === DataType.float32,
    );
    if (dataType !== DataType.float16 || casts.length === 0 || !cast) continue;
    const values = toFloat32(dataType, await data.read(), elementCount(dims));
    edit.replaceInitializer(name, makeTensor(name, dims, values));
    for (const node of casts) {
      edit.replaceNode(node, makeNode('Identity', [name], node.outputs, {}, '', node.name));
    }
  }
  return { ...model, graph: edit.finish() };
}
