import { packCodes, packZeros } from '../../kernels/pack.ts';
import { DataType } from '../../tensor/data-type.ts';
import type { UniformWeight } from '../encoding.ts';
import { kernelBlock } from './choose-format.ts';
import type { Emitter } from './emitter.ts';
import type { Place } from './place.ts';
import { centre } from './qdq.ts';
import { castTo } from './read-rows.ts';
import { scaleDataType, storeScales, type Matrix } from './uniform-store.ts';

export interface StoredLookup {
  readonly codes: string;
  readonly scales: string;
  readonly scaleType: number;
  readonly zeros?: string;
  readonly bits: number;
  readonly block: number;
}

/**
 * Stores an embedding table for com.microsoft.GatherBlockQuantized. Only the variants that were
 * measured right on WASM and WebGPU: int4 (centred, no zero point), uint4 with zero points, uint8
 * holding 8- or 2-bit codes.
 */
export function storeLookup(
  emit: Emitter,
  base: string,
  encoded: UniformWeight,
  { rows, columns }: Matrix,
  elementType: number,
): StoredLookup {
  const block = kernelBlock(encoded.groupSize, columns) ?? encoded.groupSize;
  const groups = Math.ceil(columns / block);
  const scaleType = scaleDataType(encoded, elementType);
  return {
    bits: encoded.bits,
    block,
    scaleType,
    codes: storeCodes(emit, base, encoded, { rows, columns }),
    scales: storeScales(emit, base, encoded, [rows, groups], scaleType),
    ...(!encoded.symmetric && { zeros: storeZeros(emit, base, encoded, rows, groups) }),
  };
}

/** Emits GatherBlockQuantized(codes, indices, scales, zeroPoints?) in the look-up's place. */
export function useLookup(emit: Emitter, place: Place, stored: StoredLookup): void {
  const { layer, node } = place;
  const type = place.elementType === DataType.float16 ? DataType.float16 : DataType.float32;
  const scales = castTo(emit, stored.scales, stored.scaleType, type);
  emit.op(
    'GatherBlockQuantized',
    [stored.codes, node.inputs[1], scales, ...(stored.zeros === undefined ? [] : [stored.zeros])],
    { bits: stored.bits, block_size: stored.block, gather_axis: 0, quantize_axis: 1 },
    { domain: 'com.microsoft', output: layer.output },
  );
}

function storeCodes(
  emit: Emitter,
  base: string,
  { bits, symmetric, codes }: UniformWeight,
  { rows, columns }: Matrix,
): string {
  const name = `${base}_q${bits}`;
  if (bits === 4) {
    const type = symmetric ? DataType.int4 : DataType.uint4;
    const bytes = codes && packCodes(symmetric ? centre(codes, 4) : codes, 4);
    return emit.tensor(name, [rows, columns], type, bytes);
  }
  const bytes = codes && packCodes(codes, bits);
  return emit.tensor(name, [rows, (columns * bits) / 8], DataType.uint8, bytes);
}

function storeZeros(
  emit: Emitter,
  base: string,
  { bits, zeros }: UniformWeight,
  rows: number,
  groups: number,
): string {
  const name = `${base}_zero_points`;
  if (bits === 4) {
    return emit.tensor(name, [rows, groups], DataType.uint4, zeros && packCodes(zeros, 4));
  }
  const dims = [rows, Math.ceil((groups * bits) / 8)];
  return emit.tensor(name, dims, DataType.uint8, zeros && packZeros(zeros, rows, groups, bits));
}
