import { decodeNumbers } from '../coded/decode.ts';
import { isPlain } from '../coded/tensors.ts';
import { wholeZeros } from '../coded/grid-numbers.ts';
import { DataType } from '../../tensor/data-type.ts';
import type { Coded, Numbers } from '../types.ts';
import { isIntegerGrid } from './fusion.ts';

/** An integer grid whose scales may be coded themselves: a graph can unpack them in front of a kernel. */
export interface KernelGrid extends Coded {
  readonly grid: 'integer';
  readonly bits: 2 | 3 | 4 | 8;
  readonly scales: Numbers;
}

/**
 * Narrows to an integer grid with scales that a kernel can be given, and zeros that are whole codes: a kernel packs
 * those by itself. Undefined for all others, and where the kernel would have to compute with halves (`elementType`),
 * to which unpacked scales would be rounded once more.
 */
export function kernelGrid(coded: Coded, elementType?: number): KernelGrid | undefined {
  const { scales, zeros } = coded;
  if (scales && !isPlain(scales) && elementType === DataType.float16) return undefined;
  const plainScales = scales && !isPlain(scales) ? { dataType: DataType.float32 } : scales;
  const whole = zeros !== undefined && wholeZeros(zeros, coded.bits);
  const plain = {
    ...coded,
    ...(plainScales && { scales: plainScales }),
    ...(whole && { zeros: { dataType: DataType.uint8 } }),
  };
  return isIntegerGrid(plain) && scales !== undefined
    ? { ...plain, scales, ...(zeros && { zeros }) }
    : undefined;
}

/** As {@link kernelGrid}, for a form that was chosen because it is one. */
export function requireKernelGrid(coded: Coded): KernelGrid {
  const grid = kernelGrid(coded);
  if (grid === undefined) throw new TypeError('These codes have no integer grid.');
  return grid;
}

/** Zeros as codes, one per byte. */
export function kernelZeros({ zeros }: KernelGrid, count: number): Uint8Array | undefined {
  if (zeros === undefined || !hasValues(zeros)) return undefined;
  return Uint8Array.from(decodeNumbers(zeros, count));
}

function hasValues(numbers: Numbers): boolean {
  return isPlain(numbers) ? numbers.values !== undefined : numbers.coded.codes !== undefined;
}
