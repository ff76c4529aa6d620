import type { Layer } from '../../anatomy/types.ts';
import { inputOf } from '../../statistics/look.ts';
import type { Seen } from '../../statistics/seen.ts';

/** Columns that are never fed count as this share of the most active one, so that every group has a best clip. */
const LEAST = 1e-8;

/**
 * m_j = Σ_t x_tj² / n, from norms or from second moments, floored at 1e-8 of the largest and divided by their mean; undefined where
 * nothing was seen or nothing but zeros. Source: OSCAR (ai-edge-quantizer).
 */
export function meanSquares(layer: Layer, seen: Seen): Float32Array | undefined {
  const squares = squaresOf(layer, seen);
  if (squares?.length !== layer.inFeatures) return undefined;
  const most = squares.reduce((a, b) => Math.max(a, b), 0);
  if (!(most > 0)) return undefined;
  const floored = squares.map((m) => Math.max(m, LEAST * most));
  const mean = floored.reduce((sum, m) => sum + m, 0) / floored.length;
  return Float32Array.from(floored, (m) => m / mean);
}

function squaresOf(layer: Layer, seen: Seen): Float64Array | undefined {
  const norms = seen.at(inputOf(layer), 'norms');
  if (norms !== undefined) return Float64Array.from(norms.values, (norm) => norm * norm);
  const moments = seen.at(inputOf(layer), 'moments');
  if (moments === undefined) return undefined;
  const { values, columns } = moments;
  return Float64Array.from({ length: columns }, (_, j) => values[j * columns + j]);
}
