import { elementCount } from '../tensor/data-type.ts';
import type { Model, Tensor } from './types.ts';
import { type ConstantTensor, constantTensors, parametersOf } from './weights.ts';
import { encodedLength } from './write.ts';

export interface TensorSize {
  readonly name: string;
  readonly dataType: number;
  readonly dims: readonly number[];
  readonly elements: number;
  /** Bytes of its values, packing and padding included. */
  readonly bytes: number;
  /** Parameters of the model it holds: 0 for scales, zero points, shapes and constants. */
  readonly parameters: number;
}

export interface ModelSize {
  /** Size of the .onnx file. */
  readonly fileBytes: number;
  /** Bytes of tensors that lie in other files, each range once (gaps between them not counted). */
  readonly externalBytes: number;
  readonly totalBytes: number;
  /** Initializers and Constant nodes, of inner graphs too. */
  readonly tensors: readonly TensorSize[];
  /** Bytes of all those: weights, scales, zero points, codebooks, padding. */
  readonly tensorBytes: number;
  /** Bytes by data type number. */
  readonly byDataType: ReadonlyMap<number, number>;
  readonly parameters: number;
  /** 8 · tensorBytes / parameters; 0 when there are no parameters. */
  readonly bitsPerWeight: number;
}

/**
 * Exact size of a model, without reading a tensor: planned tensors count like real ones.
 * What counts as a parameter: see {@link parametersOf}. Weights in a packing of our own cannot be
 * recognised by structure, so a compressed model is given the `parameters` of its original.
 */
export function sizeOf(model: Model, options: { parameters?: number } = {}): ModelSize {
  const fileBytes = encodedLength(model);
  const externalBytes = externalLength(constantTensors(model.graph));
  const totalBytes = fileBytes + externalBytes;
  return { fileBytes, externalBytes, totalBytes, ...weightsOf(model, options) };
}

/** What {@link sizeOf} says of the weights alone: the graph around them, which takes time to measure, is left out. */
export function weightsOf(
  model: Model,
  options: { parameters?: number } = {},
): Omit<ModelSize, 'fileBytes' | 'externalBytes' | 'totalBytes'> {
  const tensors = constantTensors(model.graph).map(tensorSize);
  const tensorBytes = sum(tensors.map(({ bytes }) => bytes));
  const parameters = options.parameters ?? sum(tensors.map((size) => size.parameters));
  return {
    tensors,
    tensorBytes,
    byDataType: bytesByType(tensors),
    parameters,
    bitsPerWeight: parameters > 0 ? (8 * tensorBytes) / parameters : 0,
  };
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

function tensorSize(constant: ConstantTensor): TensorSize {
  const { name, tensor } = constant;
  return {
    name,
    dataType: tensor.dataType,
    dims: tensor.dims,
    elements: elementCount(tensor.dims),
    bytes: bytesOf(tensor),
    parameters: parametersOf(constant),
  };
}

function bytesOf({ data, strings = [] }: Tensor): number {
  return data.byteLength + sum(strings.map(({ byteLength }) => byteLength));
}

function externalLength(constants: readonly ConstantTensor[]): number {
  const ranges = new Map<string, number>();
  for (const { external } of constants.map(({ tensor }) => tensor)) {
    if (external) ranges.set(`${external.path}\n${external.offset}`, external.length);
  }
  return sum([...ranges.values()]);
}

function bytesByType(tensors: readonly TensorSize[]): ReadonlyMap<number, number> {
  const totals = new Map<number, number>();
  for (const { dataType, bytes } of tensors) {
    totals.set(dataType, (totals.get(dataType) ?? 0) + bytes);
  }
  return totals;
}
