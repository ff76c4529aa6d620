import { makeNode, makeTensor } from '../../src/core/onnx/graph/make.ts';
import type { Model, Node, Tensor } from '../../src/core/onnx/types.ts';
import { fromFloat32, toFloat32 } from '../../src/core/tensor/convert.ts';
import { DataType } from '../../src/core/tensor/data-type.ts';
import { trainableWeights } from './trainable-weights.ts';

/**
 * The same graph with its matrices stored as float16 and cast back to float32 at once: half the
 * file, the arithmetic unchanged. Vectors stay float32: they are few, and so do tables that
 * follow from a formula.
 */
export async function withHalfStorage(model: Model): Promise<Model> {
  const weights = new Set(trainableWeights(model));
  const casts: Node[] = [];
  const initializers: Tensor[] = [];
  for (const tensor of model.graph.initializers) {
    if (!weights.has(tensor.name) || tensor.dims.length < 2) {
      initializers.push(tensor);
      continue;
    }
    const count = tensor.dims.reduce((product, d) => product * d, 1);
    const values = toFloat32(tensor.dataType, await tensor.data.read(), count);
    const name = `${tensor.name}_fp16`;
    const bytes = fromFloat32(DataType.float16, values);
    initializers.push(makeTensor(name, tensor.dims, { dataType: DataType.float16, bytes }));
    casts.push(
      makeNode('Cast', [name], [tensor.name], { to: 1 }, undefined, `${tensor.name}/Cast`),
    );
  }
  const nodes = [...casts, ...model.graph.nodes];
  return { ...model, graph: { ...model.graph, nodes, initializers } };
}
