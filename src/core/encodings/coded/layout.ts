import type { CodeBits } from '../../tensor/sub-byte.ts';
import type { Coded, Shape } from '../types.ts';

/** Part of the bits of every code, packed on its own. */
export interface Plane {
  /** A width that standard operators unpack: its words have a whole number of codes and at most 24 bits. */
  readonly bits: 1 | 2 | 3 | 4 | 6 | 8;
  /** Its lowest bit's place in the code. */
  readonly shift: number;
}

/**
 * The planes of a width. WHY planes: 8 codes of 5 or 7 bits fill 40 or 56 bits, which float32, the one
 * type every device computes in, cannot hold exactly; four low bits and the rest can be read apart.
 */
export function planesOf(bits: CodeBits): readonly Plane[] {
  if (bits === 5) return [lowest(4), { bits: 1, shift: 4 }];
  if (bits === 7) return [lowest(4), { bits: 3, shift: 4 }];
  return [lowest(bits)];
}

function lowest(bits: Plane['bits']): Plane {
  return { bits, shift: 0 };
}

/** Codes and bytes of the smallest word that holds whole codes. */
export function wordOf(bits: Plane['bits']): { readonly codes: number; readonly bytes: number } {
  if (bits === 3) return { codes: 8, bytes: 3 };
  if (bits === 6) return { codes: 4, bytes: 3 };
  return { codes: 8 / bits, bytes: 1 };
}

/** Codes a row is padded to: whole words, so that every row starts at a byte. */
export function wordColumns(bits: Plane['bits'], columns: number): number {
  const { codes } = wordOf(bits);
  return Math.ceil(columns / codes) * codes;
}

/** Weights that one code stands for. */
export function vectorOf({ grid }: Pick<Coded, 'grid'>): number {
  return grid === 'integer' || grid.shared === 'fixed' ? 1 : (grid.vector ?? 1);
}

/** Codes of a row of so many weights. */
export function codeColumns(coded: Pick<Coded, 'grid'>, columns: number): number {
  return Math.ceil(columns / vectorOf(coded));
}

/** Which number of its table each weight is, [rows, columns]: the codes themselves where they stand for one weight each. */
export function tablePlaces(
  coded: Pick<Coded, 'grid'>,
  codes: Uint8Array,
  { rows, columns }: Shape,
): ArrayLike<number> {
  const vector = vectorOf(coded);
  if (vector === 1) return codes;
  const width = codeColumns(coded, columns);
  const places = new Int32Array(rows * columns);
  for (let r = 0, i = 0; r < rows; r++)
    for (let c = 0; c < columns; c++, i++)
      places[i] = codes[r * width + Math.floor(c / vector)] * vector + (c % vector);
  return places;
}

/** Groups in a row; 1 for the whole tensor. */
export function groupsOf({ granularity, groupSize }: Coded, columns: number): number {
  return granularity === 'tensor' ? 1 : Math.ceil(columns / groupSize);
}

/** Scales and zeros of the whole matrix. */
export function groupCount(coded: Coded, { rows, columns }: Shape): number {
  return coded.granularity === 'tensor' ? 1 : rows * groupsOf(coded, columns);
}
