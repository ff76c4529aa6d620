import { requireKind, type Encoded, type Product } from '../../encodings/index.ts';

/** L·R in plain numbers of one type, without values. */
export function plannedFactors(rank: number, dataType: number): Product {
  const plain = { kind: 'plain', dataType } as const;
  return { kind: 'product', rank, left: plain, right: plain };
}

/** The planned factors with their values. */
export function filledFactors(planned: Encoded, left: Float32Array, right: Float32Array): Product {
  const product = requireKind(planned, 'product');
  return {
    ...product,
    left: { ...requireKind(product.left, 'plain'), values: left },
    right: { ...requireKind(product.right, 'plain'), values: right },
  };
}
