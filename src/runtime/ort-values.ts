import { LatheError } from '../core/errors/lathe-error.ts';
import { DataType, dataTypeName, elementCount } from '../core/tensor/data-type.ts';
import type { Value, ValueData } from '../core/tensor/values.ts';
import type { OrtMetadata, OrtModule, OrtTensor, OrtTensorType } from './ort.ts';
import type { PortInfo } from './types.ts';

/** The dtypes a session takes in and gives out; names are the same in ONNX and in onnxruntime. */
const PASSED = new Set<string>([
  'float32',
  'float64',
  'float16',
  'int8',
  'uint8',
  'int16',
  'uint16',
  'int32',
  'uint32',
  'int64',
  'uint64',
  'bool',
]);

/** A value as a tensor of this build of onnxruntime. Shares the memory; ORT only reads it. */
export function toOrtTensor(ort: OrtModule, name: string, value: Value): OrtTensor {
  const type = dataTypeName(value.dataType);
  if (type === undefined || !PASSED.has(type))
    throw notPassable(name, type ?? String(value.dataType));
  const count = elementCount(value.dims);
  if (count !== value.data.length) throw wrongCount(name, value, count);
  return new ort.Tensor(type as OrtTensorType, value.data as never, value.dims);
}

/** The value a session returned; read from the GPU when it lives there, and freed there unless it is kept. */
export async function fromOrtTensor(name: string, tensor: OrtTensor, free = true): Promise<Value> {
  const dataType = dataTypeNumber(tensor.type);
  if (dataType === undefined) throw notPassable(name, tensor.type);
  const data = tensor.location === 'cpu' ? tensor.data : await tensor.getData(free);
  return { dataType, dims: [...tensor.dims], data: plainData(data as ArrayBufferView) };
}

/** Float16Array exists only in some hosts; everywhere else halves are bit patterns, so they are here. */
function plainData(data: ArrayBufferView): ValueData {
  const { buffer, byteOffset, byteLength } = data;
  const isHalf = data.constructor.name === 'Float16Array';
  return isHalf ? new Uint16Array(buffer, byteOffset, byteLength / 2) : (data as ValueData);
}

/** Name, type and symbolic shape of each input or output. */
export function portsOf(metadata: readonly OrtMetadata[]): PortInfo[] {
  return metadata.map((port) => ({
    name: port.name,
    dataType: port.isTensor
      ? (dataTypeNumber(port.type) ?? DataType.undefined)
      : DataType.undefined,
    dims: port.isTensor ? port.shape.map((dim, axis) => namedSize(dim, port.name, axis)) : [],
  }));
}

/** A size without a name is −1 to onnxruntime-node and 2³² − 1 to onnxruntime-web; here it is called "input.axis". */
function namedSize(dim: number | string, name: string, axis: number): number | string {
  const unknown = dim === '' || (typeof dim === 'number' && (dim < 0 || dim >= 2 ** 32 - 1));
  return unknown ? `${name}.${axis}` : dim;
}

function dataTypeNumber(type: string): number | undefined {
  return Object.hasOwn(DataType, type) ? DataType[type as keyof typeof DataType] : undefined;
}

function notPassable(name: string, type: string): LatheError {
  return new LatheError(
    'value-type',
    `The value "${name}" is of type ${type}, which cannot be passed into or out of a session; cast it to a plain number type inside the graph.`,
    { name, type },
  );
}

function wrongCount(name: string, value: Value, count: number): LatheError {
  return new LatheError(
    'value-shape',
    `The value "${name}" has shape [${value.dims.join(', ')}], that is ${count} elements, but holds ${value.data.length}; give as many elements as the shape says.`,
    { name, expected: count, found: value.data.length },
  );
}
