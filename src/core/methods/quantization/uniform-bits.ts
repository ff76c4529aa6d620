import { options } from './round-to-nearest/meta.ts';

/** Widths that a grid of even steps can have. */
const WIDTHS: readonly number[] = [...options.shape.bits.unwrap().values].filter(
  (bits) => typeof bits === 'number',
);

/** The width of an even grid that is compared with codes of so many bits: the same, else the next larger. */
export function uniformBits(bits: number): number {
  return Math.min(...WIDTHS.filter((width) => width >= bits));
}
