import type { Layer } from '../../../anatomy/types.ts';
import { fillCodes, type Coded, type Encoded, type Product } from '../../../encodings/index.ts';
import { quantizeUniform } from '../../../kernels/rtn.ts';
import type { Seen } from '../../../statistics/seen.ts';
import { DataType } from '../../../tensor/data-type.ts';
import type { LayerWeight, Refusal } from '../../contract.ts';
import { factorise, type Factors } from '../../low-rank/factorise.ts';
import { errorBasis } from './error-basis.ts';
import type { LowRankResidualOptions } from './meta.ts';

/** B·A of a layer without values, in halves where the graph computes in them; or why it would be no smaller than the weight. */
export function planCorrection(
  { outFeatures: rows, inFeatures: columns, name, op }: Layer,
  { rank, factors }: Pick<LowRankResidualOptions, 'rank' | 'factors'>,
  half: boolean,
): Product | Refusal {
  const side = Math.min(rows, columns);
  if (rank >= side) {
    return {
      refused: `"${name}" is a ${rows} × ${columns} matrix, and a correction of rank ${rank} would be no smaller than that, so it was left as it is; choose a rank below ${side}.`,
    };
  }
  const short = half || factors === 'float16';
  const dataType = short ? DataType.float16 : DataType.float32;
  const factor = (width: number): Encoded =>
    factors === '8 bits' ? codedFactor(width) : { kind: 'plain', dataType };
  return {
    ...{ kind: 'product', rank, left: factor(rank), right: factor(columns) },
    ...((op === 'MatMul' || op === 'Gemm') && { adapter: true }),
  };
}

/** The planned B·A, filled: the best for the error W − Q [rows, columns] in the metric of `basis`. */
export function correctionOf(
  error: Float32Array,
  planned: Product,
  weight: LayerWeight,
  seen: Seen,
  basis: LowRankResidualOptions['basis'],
): Product {
  const { outFeatures, inFeatures } = weight.layer;
  const directions = errorBasis(error, weight, seen, basis);
  const factors = factorise(error, outFeatures, inFeatures, directions, planned.rank);
  return filled(planned, factors, weight.layer);
}

/** 8-bit codes, one scale per row of `width` numbers. */
function codedFactor(width: number): Coded {
  return {
    ...{ kind: 'coded', bits: 8, grid: 'integer', granularity: 'channel', groupSize: width },
    scales: { dataType: DataType.float16 },
  };
}

function filled(
  product: Product,
  { left, right }: Factors,
  { outFeatures, inFeatures }: Layer,
): Product {
  const { rank } = product;
  return {
    ...product,
    left: filledFactor(product.left, left, outFeatures, rank),
    right: filledFactor(product.right, right, rank, inFeatures),
  };
}

function filledFactor(
  planned: Encoded,
  values: Float32Array,
  rows: number,
  columns: number,
): Encoded {
  if (planned.kind === 'plain') return { ...planned, values };
  const grid = { bits: 8, clip: 'none', range: 'signed-max', groupSize: columns } as const;
  return fillCodes(planned, quantizeUniform(values, rows, columns, grid));
}
