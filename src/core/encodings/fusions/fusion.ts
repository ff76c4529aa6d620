import { DataType } from '../../tensor/data-type.ts';
import { isPlain } from '../coded/tensors.ts';
import type { Form, Site, Use } from '../form.ts';
import type { ReadStored } from '../stored/types.ts';
import type { Coded, PlainNumbers } from '../types.ts';

/** One native kernel of onnxruntime that computes with codes. */
export interface Fusion {
  readonly id: string;
  /** True where the kernel computes exactly what `coded` means for one layer that uses the weight. */
  fits(coded: Coded, use: Use, site: Site): boolean;
  /** True when single rows of its storage can be unpacked, as an embedding tied to a product needs. */
  readsRows(coded: Coded): boolean;
  form(coded: Coded, site: Site): Form;
  /** Recognises what {@link form} and other tools write, at the node that makes the layer's output. */
  readonly read: ReadStored;
}

/** Smallest block that onnxruntime's block kernels take, and their only sizes: 16, 32 … 256. */
const SMALLEST_BLOCK = 16;
const LARGEST_BLOCK = 256;

/**
 * The block size a kernel needs to see one group per `groupSize` columns: a group as long as the
 * row may be called longer than it is. Undefined when no kernel size fits.
 */
export function kernelBlock(groupSize: number, columns: number): number | undefined {
  let block = SMALLEST_BLOCK;
  while (block < groupSize) block *= 2;
  const exact = block === groupSize || groupSize >= columns;
  return exact && block <= LARGEST_BLOCK ? block : undefined;
}

/** An integer grid as kernels know it: plain scales, and zeros that are codes. */
export interface IntegerGrid extends Coded {
  readonly grid: 'integer';
  readonly bits: 2 | 3 | 4 | 8;
  readonly scales: PlainNumbers;
  readonly zeros?: PlainNumbers;
}

/** Narrows to the codes that kernels with an integer grid can take. */
export function isIntegerGrid(coded: Coded): coded is IntegerGrid {
  const { grid, bits, scales, zeros } = coded;
  const width = bits === 2 || bits === 3 || bits === 4 || bits === 8;
  if (grid !== 'integer' || !width || scales === undefined || !isPlain(scales)) return false;
  const { dataType } = scales;
  if (dataType !== DataType.float32 && dataType !== DataType.float16) return false;
  return zeros === undefined || (isPlain(zeros) && zeros.dataType === DataType.uint8);
}

/** As {@link isIntegerGrid}, for a form that was chosen because it is one. */
export function integerGrid(coded: Coded): IntegerGrid {
  if (isIntegerGrid(coded)) return coded;
  throw new TypeError('These codes have no integer grid.');
}

/** Zeros as codes, one per byte. */
export function zeroCodes({ zeros }: IntegerGrid): Uint8Array | undefined {
  return zeros?.values && Uint8Array.from(zeros.values);
}

/** The float type in which a kernel computes: half where the graph does. */
export function kernelType(elementType: number): number {
  return elementType === DataType.float16 ? DataType.float16 : DataType.float32;
}
