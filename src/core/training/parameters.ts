import { LatheError } from '../errors/lathe-error.ts';
import { makeTensor } from '../onnx/graph/make.ts';
import type { Model, Tensor } from '../onnx/types.ts';
import { DataType, dataTypeName } from '../tensor/data-type.ts';
import { fromFloat32, toFloat32 } from '../tensor/convert.ts';
import { product } from '../autodiff/dims.ts';

/** One trainable tensor's place in the flat vector θ. */
export interface Parameter {
  readonly name: string;
  readonly dims: readonly number[];
  /** First element and number of elements in θ. */
  readonly offset: number;
  readonly size: number;
}

/**
 * All trainable tensors, one after the other, as one vector θ: the optimiser is then a dozen nodes
 * whatever the model, and a checkpoint three arrays. Tensors that decay (rank ≥ 2) come first.
 */
export interface ParameterLayout {
  readonly parameters: readonly Parameter[];
  readonly size: number;
  /** The first `decayed` elements take part in weight decay: matrices do, biases and norms do not. */
  readonly decayed: number;
}

/** Places the named initializers. Throws `parameter-unknown`, `parameter-type`, `parameters-none`. */
export function layOutParameters(model: Model, names: readonly string[]): ParameterLayout {
  const tensors = new Map(model.graph.initializers.map((tensor) => [tensor.name, tensor]));
  const chosen = names.map((name) => trainable(name, tensors.get(name)));
  if (chosen.length === 0) throw noParameters();
  const matrices = chosen.filter(({ dims }) => dims.length >= 2);
  const rest = chosen.filter(({ dims }) => dims.length < 2);
  const parameters: Parameter[] = [];
  let offset = 0;
  for (const { name, dims } of [...matrices, ...rest]) {
    const size = product(dims);
    parameters.push({ name, dims, offset, size });
    offset += size;
  }
  const decayed = matrices.reduce((sum, { dims }) => sum + product(dims), 0);
  return { parameters, size: offset, decayed };
}

const TRAINABLE = new Set<number>([DataType.float32, DataType.float16]);

function trainable(name: string, tensor: Tensor | undefined): Tensor {
  if (tensor === undefined) {
    throw new LatheError(
      'parameter-unknown',
      `The model has no weight "${name}" that could be trained; choose one of its initializers.`,
      { name },
    );
  }
  if (!TRAINABLE.has(tensor.dataType)) {
    const type = dataTypeName(tensor.dataType) ?? String(tensor.dataType);
    throw new LatheError(
      'parameter-type',
      `The weight "${name}" is stored as ${type}, and only floating-point weights can be trained; train an adapter beside it, or start from the float model.`,
      { name, type },
    );
  }
  return tensor;
}

function noParameters(): LatheError {
  return new LatheError(
    'parameters-none',
    'Nothing was chosen that could be trained; choose at least one layer.',
  );
}

/** θ as the model holds it now. */
export async function readParameters(model: Model, layout: ParameterLayout): Promise<Float32Array> {
  const tensors = new Map(model.graph.initializers.map((tensor) => [tensor.name, tensor]));
  const theta = new Float32Array(layout.size);
  for (const { name, offset, size } of layout.parameters) {
    const { dataType, data } = trainable(name, tensors.get(name));
    theta.set(toFloat32(dataType, await data.read(), size), offset);
  }
  return theta;
}

/** The model with θ written back into its weights, each in the type it had: too large for it becomes its largest. */
export function withParameters(model: Model, layout: ParameterLayout, theta: Float32Array): Model {
  const placed = new Map(layout.parameters.map((parameter) => [parameter.name, parameter]));
  const initializers = model.graph.initializers.map((tensor) => {
    const parameter = placed.get(tensor.name);
    return parameter === undefined ? tensor : rewritten(tensor, parameter, theta);
  });
  return { ...model, graph: { ...model.graph, initializers } };
}

function rewritten(tensor: Tensor, { offset, size }: Parameter, theta: Float32Array): Tensor {
  const bytes = fromFloat32(tensor.dataType, theta.subarray(offset, offset + size), true);
  return makeTensor(tensor.name, tensor.dims, { dataType: tensor.dataType, bytes });
}
