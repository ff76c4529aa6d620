import type { Site, Use } from '../form.ts';
import type { Coded } from '../types.ts';
import type { Fusion } from './fusion.ts';
import { gatherBlockQuantized } from './gather-block-quantized.ts';
import { matmulBnb4 } from './matmul-bnb4.ts';
import { matmulInteger } from './matmul-integer.ts';
import { matmulNBits } from './matmul-nbits.ts';
import { qdq } from './qdq.ts';

/** First that fits wins. What none of them fits is stored for standard operators. */
export const FUSIONS: readonly Fusion[] = [
  matmulInteger,
  matmulNBits,
  gatherBlockQuantized,
  matmulBnb4,
  qdq,
];

/**
 * The kernel that all layers of a weight can read: the products' where they agree and a look-up tied to
 * them can read it; the look-ups' own where there are only look-ups. Undefined: standard operators.
 */
export function chooseFusion(coded: Coded, site: Site): Fusion | undefined {
  const first = (use: Use): Fusion | undefined => FUSIONS.find((f) => f.fits(coded, use, site));
  const products = site.uses.filter(({ op }) => op !== 'Gather');
  if (products.length === 0) return first(site.uses[0]);
  const [fusion, ...others] = new Set(products.map(first));
  const tied = products.length < site.uses.length;
  const readable = !tied || fusion?.readsRows(coded) === true;
  return others.length === 0 && readable ? fusion : undefined;
}
