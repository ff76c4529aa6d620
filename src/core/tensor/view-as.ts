import { LatheError } from '../errors/lathe-error.ts';
import { DataType, dataTypeName } from './data-type.ts';
import type { ValueData } from './values.ts';

type Viewer = new (buffer: ArrayBufferLike, byteOffset: number, length: number) => ValueData;

const VIEWERS: Readonly<Record<number, Viewer & { readonly BYTES_PER_ELEMENT: number }>> = {
  [DataType.float32]: Float32Array,
  [DataType.float64]: Float64Array,
  [DataType.int8]: Int8Array,
  [DataType.int16]: Int16Array,
  [DataType.uint16]: Uint16Array,
  [DataType.float16]: Uint16Array,
  [DataType.bfloat16]: Uint16Array,
  [DataType.int32]: Int32Array,
  [DataType.uint32]: Uint32Array,
  [DataType.int64]: BigInt64Array,
  [DataType.uint64]: BigUint64Array,
  [DataType.complex64]: Float32Array,
  [DataType.complex128]: Float64Array,
};

/**
 * The bytes as the typed array of `dataType`: 16-bit floats as Uint16Array, 8-bit floats, bool and
 * packed 2/4-bit types as Uint8Array. A view where the alignment allows it, else a copy; callers must
 * not write to it. Throws `tensor-view` for strings and when the bytes are no whole number of elements.
 */
export function viewAs(dataType: number, bytes: Uint8Array): ValueData {
  const name = dataTypeName(dataType);
  if (name === undefined || dataType === DataType.string || dataType === DataType.undefined) {
    throw new LatheError(
      'tensor-view',
      `Values of type ${name ?? dataType} have no fixed size, so they cannot be viewed as numbers.`,
    );
  }
  const Viewer = VIEWERS[dataType];
  if (Viewer === undefined) return bytes;
  const size = Viewer.BYTES_PER_ELEMENT;
  if (bytes.byteLength % size !== 0) {
    throw new LatheError(
      'tensor-view',
      `${bytes.byteLength} bytes are no whole number of ${name} values of ${size} bytes each; the tensor is damaged.`,
    );
  }
  const aligned = bytes.byteOffset % size === 0 ? bytes : bytes.slice();
  return new Viewer(aligned.buffer, aligned.byteOffset, bytes.byteLength / size);
}
