import { DataType } from '../../tensor/data-type.ts';
import type { CodedNumbers, FixedTable, Numbers } from '../types.ts';
import { fixedTable } from './tables.ts';

/** Bits that a scale can be coded in. */
export type ScaleBits = 4 | 6 | 8;

/** Octaves from the largest to the smallest scale of a row: few codes lie close together, many reach far. */
const OCTAVES: Record<ScaleBits, number> = { 4: 2.5, 6: 4, 8: 8 };

/** Shares of the row's largest scale are kept in so many bits, so that every engine makes the same table. */
const SHARE_BITS = 12;

/**
 * Scales in codes of 4, 6 or 8 bits: each a share 2^(−octaves·k / (n−1)), k = 0 … n−1, of the largest of its row, of
 * which there is one half each (double quantization of QLoRA and of llama.cpp's K types, on a scale of ratios: what
 * rounding costs is a ratio). `signed`: half of the codes are the same shares below zero.
 */
export function codedScales(bits: ScaleBits, groups: number, signed: boolean): CodedNumbers {
  const scales = { dataType: DataType.float16 };
  const blocks = { granularity: 'block', groupSize: groups } as const;
  return { coded: { kind: 'coded', bits, grid: shares(bits, signed), ...blocks, scales } };
}

function shares(bits: ScaleBits, signed: boolean): FixedTable {
  const count = 2 ** (signed ? bits - 1 : bits);
  const down = Array.from({ length: count }, (_, k) => {
    const share = 2 ** ((-OCTAVES[bits] * k) / (count - 1));
    return Math.round(share * 2 ** SHARE_BITS) / 2 ** SHARE_BITS;
  });
  return signed
    ? fixedTable(`signed_scales_${bits}`, [...down, ...down.map((share) => -share)])
    : fixedTable(`scales_${bits}`, down);
}

/**
 * Zero points packed instead of a byte each: the codes 0 … 2^bits − 1 in as many bits, or with `halves` also those
 * between them in one bit more.
 */
export function codedZeros(bits: 2 | 3 | 4 | 5 | 6 | 8, halves: boolean): Numbers {
  // A code of 8 bits is a byte, and finer zeros help nobody there.
  if (bits === 8) return { dataType: DataType.uint8 };
  const width = halves ? ((bits + 1) as 3 | 4 | 5 | 6 | 7) : bits;
  const name = `${halves ? 'half_zeros' : 'zeros'}_${width}`;
  const values = Array.from({ length: 2 ** width }, (_, k) => (halves ? k / 2 : k));
  const grid = fixedTable(name, values);
  return { coded: { kind: 'coded', bits: width, grid, granularity: 'tensor', groupSize: 1 } };
}

/** Whether zeros are the codes 0 … 2^bits − 1 of {@link codedZeros}. */
export function wholeZeros(zeros: Numbers, bits: number): boolean {
  if ('dataType' in zeros || zeros.coded.grid === 'integer') return false;
  const { grid } = zeros.coded;
  return grid.shared === 'fixed' && grid.name === `zeros_${bits}`;
}
