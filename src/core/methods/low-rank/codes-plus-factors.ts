import type { Layer } from '../../anatomy/types.ts';
import {
  isPlainNumbers,
  requireKind,
  type Coded,
  type Encoded,
  type Product,
} from '../../encodings/index.ts';
import type { Shape, Sum, Numbers } from '../../encodings/index.ts';
import { bitsPerElement } from '../../tensor/data-type.ts';
import type { Refusal } from '../contract.ts';

/** Ŵ = Q + L·R without values; refused where it would not be smaller than a weight of this type. */
export function planCodesPlusFactors(
  { name, outFeatures: rows, inFeatures: columns }: Layer,
  coded: Coded,
  product: Product,
  weightType: number,
): Sum | Refusal {
  const shape = { rows, columns };
  const before = rows * columns * bitsPerElement(weightType);
  const after = bitsOf(coded, shape) + bitsOf(product, shape);
  if (after >= before) {
    return {
      refused: `"${name}" takes ${Math.ceil(before / 8)} bytes, and ${coded.bits}-bit codes with factors of rank ${product.rank} about ${Math.ceil(after / 8)}, which is not smaller, so it was left as it is; choose a smaller rank.`,
    };
  }
  return { kind: 'sum', parts: [coded, product] };
}

/** The two halves of such a form. */
export function halvesOf(form: Encoded): { readonly codes: Coded; readonly product: Product } {
  const [codes, product] = requireKind(form, 'sum').parts;
  return { codes: requireKind(codes, 'coded'), product: requireKind(product, 'product') };
}

/** Bits of codes, scales and zeros, or of factors; what padding adds is left out. */
function bitsOf(encoded: Encoded, { rows, columns }: Shape): number {
  switch (encoded.kind) {
    case 'coded': {
      const { bits, granularity, groupSize, scales, zeros } = encoded;
      const groups = granularity === 'tensor' ? 1 : rows * Math.ceil(columns / groupSize);
      return rows * columns * bits + numberBits(scales, groups) + numberBits(zeros, groups);
    }
    case 'product': {
      const { rank, left, right } = encoded;
      return bitsOf(left, { rows, columns: rank }) + bitsOf(right, { rows: rank, columns });
    }
    case 'plain':
      return rows * columns * bitsPerElement(encoded.dataType);
    default:
      return 0;
  }
}

function numberBits(numbers: Numbers | undefined, count: number): number {
  if (numbers === undefined) return 0;
  return isPlainNumbers(numbers)
    ? count * bitsPerElement(numbers.dataType)
    : bitsOf(numbers.coded, { rows: 1, columns: count });
}
