import { unpackCodes } from '../../kernels/pack.ts';
import type { Tensor } from '../../onnx/types.ts';
import { isFloatType, toFloat32 } from '../../tensor/convert.ts';
import { bitsPerElement, DataType, elementCount } from '../../tensor/data-type.ts';
import { transpose } from '../../tensor/matrix.ts';
import type { CodeBits } from '../../tensor/sub-byte.ts';
import { middleCode } from '../../kernels/uniform.ts';
import type { Coded, MatrixLayout, Numbers, PlainNumbers, Shape } from '../types.ts';

/** Integer types that codes are stored in, and whether they are signed. */
const CODE_TYPES = new Map<number, { readonly bits: 2 | 4 | 8; readonly signed: boolean }>([
  [DataType.int8, { bits: 8, signed: true }],
  [DataType.uint8, { bits: 8, signed: false }],
  [DataType.int4, { bits: 4, signed: true }],
  [DataType.uint4, { bits: 4, signed: false }],
  [DataType.int2, { bits: 2, signed: true }],
  [DataType.uint2, { bits: 2, signed: false }],
]);

/** Width and sign of a type of codes; undefined for any other type. */
export function codeType({ dataType }: Tensor) {
  return CODE_TYPES.get(dataType);
}

/**
 * All codes of a tensor, unsigned: signed ones are moved up by 2^(bits−1), as their zeros are.
 */
export async function unsignedCodes(tensor: Tensor): Promise<Uint8Array> {
  const type = codeType(tensor);
  if (type === undefined) throw new TypeError(`"${tensor.name}" holds no codes.`);
  const codes = unpackCodes(await tensor.data.read(), type.bits, elementCount(tensor.dims));
  const middle = middleCode(type.bits);
  return type.signed ? codes.map((code) => code ^ middle) : codes;
}

/** Floats of a tensor of scales. */
export async function floatsOf({ dataType, dims, data }: Tensor): Promise<Float32Array> {
  const bytes = await data.read();
  const values = toFloat32(dataType, bytes, elementCount(dims));
  return values.buffer === bytes.buffer ? values.slice() : values;
}

/** The form of stored scales; undefined where they are no floats. */
export function scaleForm(tensor: Tensor | undefined): PlainNumbers | undefined {
  return tensor && isFloatType(tensor.dataType) ? { dataType: tensor.dataType } : undefined;
}

/** What zeros of an integer grid are: stored ones, the 0 that unsigned codes have by default, or the middle. */
export type ZeroForm = { readonly tensor: Tensor } | 'zero' | 'middle';

/** The form of {@link ZeroForm}. */
export function zeroForm(zero: ZeroForm): { readonly zeros?: PlainNumbers } {
  if (zero === 'middle') return {};
  const float = zero !== 'zero' && isFloatType(zero.tensor.dataType);
  return { zeros: { dataType: float ? zero.tensor.dataType : DataType.uint8 } };
}

/** Values of zeros that are stored one by one, as codes are; `count` of them. */
export async function zeroValues(zero: ZeroForm, count: number): Promise<Float32Array | undefined> {
  if (zero === 'middle') return undefined;
  if (zero === 'zero') return new Float32Array(count);
  const { tensor } = zero;
  if (isFloatType(tensor.dataType)) return floatsOf(tensor);
  return Float32Array.from(await unsignedCodes(tensor));
}

/** Codes, scales and zeros in their planned form. */
export function filled(
  form: Coded,
  values: {
    readonly codes: Uint8Array;
    readonly scales: Float32Array;
    readonly zeros: Float32Array | undefined;
  },
): Coded {
  const { codes, scales, zeros } = values;
  return {
    ...form,
    codes,
    ...(form.scales && { scales: withValues(form.scales, scales) }),
    ...(form.zeros && zeros && { zeros: withValues(form.zeros, zeros) }),
  };
}

function withValues(numbers: Numbers, values: Float32Array): Numbers {
  return 'dataType' in numbers ? { ...numbers, values } : numbers;
}

/** Numbers stored as a matrix, as [rows, columns]. */
export function outIn<T extends Float32Array | Uint8Array>(
  values: T,
  { rows, columns }: Shape,
  lies: MatrixLayout,
): T {
  return lies === 'out-in' ? values : transpose(values, columns, rows);
}

/** One number for each of `count` rows: a single one serves all of them. */
export function perRow(values: Float32Array, count: number): Float32Array {
  return values.length === 1 && count > 1 ? new Float32Array(count).fill(values[0]) : values;
}

/** Bytes that tensors take. */
export function bytesOfTensors(tensors: readonly Tensor[]): number {
  return tensors.reduce((sum, { data }) => sum + data.byteLength, 0);
}

/** Bits of one number of a tensor's type. */
export function bitsOf({ dataType }: Tensor): number {
  return bitsPerElement(dataType);
}

/** Codes or zeros packed to `bits` each in whole bytes per row: [rows, ⌈width·bits / 8⌉] as [rows, width]. */
export async function packedRows(
  tensor: Tensor,
  { rows, columns: width }: Shape,
  bits: CodeBits,
): Promise<Uint8Array> {
  const bytes = await tensor.data.read();
  const perRow = Math.ceil((width * bits) / 8);
  if ((width * bits) % 8 === 0) return unpackCodes(bytes, bits, rows * width);
  const out = new Uint8Array(rows * width);
  for (let r = 0; r < rows; r++) {
    const row = bytes.subarray(r * perRow, (r + 1) * perRow);
    out.set(unpackCodes(row, bits, width), r * width);
  }
  return out;
}
