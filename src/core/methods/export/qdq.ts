import { packCodes } from '../../kernels/pack.ts';
import { middleCode } from '../../kernels/uniform.ts';
import { DataType } from '../../tensor/data-type.ts';
import { transpose } from '../matrix.ts';
import type { UniformWeight } from '../encoding.ts';
import { bytesOf, type Emitter } from './emitter.ts';
import type { MatrixLayout } from './place.ts';
import { castTo } from './read-rows.ts';
import type { StoredRows, StoredValue } from './stored.ts';
import { rowFields, scaleDataType, storeScales, type Matrix } from './uniform-store.ts';

/** How a DequantizeLinear weight is laid out. */
export interface QdqShape extends Matrix {
  readonly layout: MatrixLayout;
  /** Dims of the tensor: the matrix in its layout, or a Conv's [out, in/group, …kernel]. */
  readonly dims: readonly number[];
}

export interface StoredQdq {
  readonly value: StoredValue;
  readonly rows?: StoredRows;
}

/**
 * Stores the codes as int8/uint8/int4/uint4 and emits DequantizeLinear(codes, scale, zero point):
 * symmetric codes are stored centred, so they need no zero point. `rows` is set where whole rows can
 * also be looked up (an embedding tied to this weight).
 */
export function storeQdq(
  emit: Emitter,
  base: string,
  encoded: UniformWeight,
  shape: QdqShape,
): StoredQdq {
  const scaleType = scaleDataType(encoded, DataType.float32);
  const outIn = shape.layout === 'out-in';
  const dataType = codeType(encoded);
  const codes = emit.tensor(
    `${base}_q${encoded.bits}`,
    shape.dims,
    dataType,
    codeBytes(encoded, shape),
  );
  const perGroup = groupDims(encoded, shape);
  const scales = storeScales(emit, base, inLayout(encoded, shape), perGroup, scaleType);
  const zeros = encoded.symmetric ? undefined : storeZeros(emit, base, encoded, shape, dataType);
  const asFloat = castTo(emit, scales, scaleType, DataType.float32);
  const inputs = [codes, asFloat, ...(zeros === undefined ? [] : [zeros])];
  const value = emit.op('DequantizeLinear', inputs, {
    axis: encoded.granularity === 'tensor' ? undefined : axisOf(encoded, outIn),
    block_size: encoded.granularity === 'block' ? encoded.groupSize : undefined,
  });
  const rowStore: StoredRows = {
    ...rowFields(encoded, shape),
    codes,
    signed: encoded.symmetric,
    paddedColumns: shape.columns,
    scales,
    scaleType,
    flatScales: encoded.granularity === 'channel',
    ...(zeros !== undefined && { zeros }),
  };
  return {
    value: { kind: 'value', value, layout: shape.layout, elementType: DataType.float32 },
    ...(encoded.bits === 8 && outIn && { rows: rowStore }),
  };
}

/** Channel scales run along the output features, block scales along the input features. */
function axisOf(encoded: UniformWeight, outIn: boolean): number {
  return (encoded.granularity === 'block') === outIn ? 1 : 0;
}

function codeType({ bits, symmetric }: UniformWeight): number {
  if (bits === 8) return symmetric ? DataType.int8 : DataType.uint8;
  return symmetric ? DataType.int4 : DataType.uint4;
}

function codeBytes(encoded: UniformWeight, shape: QdqShape): Uint8Array | undefined {
  if (encoded.codes === undefined) return undefined;
  const centred = encoded.symmetric ? centre(encoded.codes, encoded.bits) : encoded.codes;
  const { rows, columns } = shape;
  const laid = shape.layout === 'out-in' ? centred : transpose(centred, rows, columns);
  return encoded.bits === 8 ? laid : packCodes(laid, encoded.bits);
}

/** code − 2^(bits−1) in two's complement of `bits` bits: flipping the top bit. */
export function centre(codes: Uint8Array, bits: UniformWeight['bits']): Uint8Array {
  return codes.map((code) => code ^ middleCode(bits));
}

function groupDims(encoded: UniformWeight, shape: QdqShape): readonly number[] {
  if (encoded.granularity === 'tensor') return [];
  if (encoded.granularity === 'channel') return [shape.rows];
  const groups = Math.ceil(shape.columns / encoded.groupSize);
  return shape.layout === 'out-in' ? [shape.rows, groups] : [groups, shape.rows];
}

/** Block scales and zeros follow the codes' layout. */
function inLayout(encoded: UniformWeight, shape: QdqShape): UniformWeight {
  const { scales, zeros, granularity, groupSize } = encoded;
  if (granularity !== 'block' || shape.layout === 'out-in' || scales === undefined) return encoded;
  const groups = Math.ceil(shape.columns / groupSize);
  return {
    ...encoded,
    scales: transpose(scales, shape.rows, groups),
    ...(zeros && { zeros: transpose(zeros, shape.rows, groups) }),
  };
}

function storeZeros(
  emit: Emitter,
  base: string,
  encoded: UniformWeight,
  shape: QdqShape,
  dataType: number,
): string {
  const { zeros } = inLayout(encoded, shape);
  const bytes = zeros && (encoded.bits === 8 ? bytesOf(zeros) : packCodes(zeros, encoded.bits));
  return emit.tensor(`${base}_zero_points`, groupDims(encoded, shape), dataType, bytes);
}
