import type { Layer } from '../../../anatomy/types.ts';
import type { Coded, StoredTable } from '../../../encodings/index.ts';
import { seededRandom } from '../../../random/seeded.ts';
import { fromFloat32, toFloat32 } from '../../../tensor/convert.ts';
import type { MethodContext } from '../../contract.ts';
import { blocksIn, eachBlock } from '../blocks.ts';
import type { Vectors } from './nearest-vector.ts';
import { nearestCodes, vectorClusters } from './vector-clusters.ts';

/** Codes over a table of vectors. */
export interface VectorCoded extends Coded {
  readonly grid: StoredTable;
}

/** A weight and what each of its columns counts, all the same when absent. */
export interface WeighedWeight {
  readonly layer: Layer;
  readonly values: Float32Array;
  readonly importance: Float64Array | undefined;
}

/** Columns that are never fed count as this share of the most active one. */
const LEAST = 1e-8;

/**
 * Product quantization (Jégou et al. 2011; of weights Gong et al. 2014): Ŵ = s·table[code], `vector` weights of a row side by side
 * for one code. `scales` are those the file holds, one for each block.
 */
export function vectorCodebook(
  weight: WeighedWeight,
  planned: VectorCoded,
  scales: Float32Array | undefined,
  context: MethodContext,
): Coded {
  const { bits, grid } = planned;
  const vectors = vectorsOf(weight, planned, scales);
  // WHY a seed of its own: a table that two layers share is the same whichever of them comes first.
  const random = seededRandom(0, 'codebook');
  const table = vectorClusters(vectors, 2 ** bits, random, context);
  context.progress?.(0.9);
  const { dataType } = grid;
  const values = toFloat32(
    dataType,
    fromFloat32(dataType, Float32Array.from(table), true),
    table.length,
  );
  const codes = nearestCodes(vectors, Float64Array.from(values));
  return { ...planned, grid: { ...grid, values }, codes };
}

/** Rows of W in units of their scales, cut into vectors and padded with what counts nothing. */
function vectorsOf(
  { layer, values, importance }: WeighedWeight,
  planned: VectorCoded,
  scales: Float32Array | undefined,
): Vectors {
  const { outFeatures: rows, inFeatures: columns } = layer;
  const size = planned.grid.vector ?? 1;
  const width = Math.ceil(columns / size) * size;
  const unit = new Float32Array(rows * width);
  const weights = new Float32Array(rows * width);
  const least = LEAST * (importance?.reduce((a, b) => Math.max(a, b), 0) ?? 0);
  eachBlock(values.length, blocksIn(planned, layer), (from, end, block) => {
    const scale = scales?.[block] || 1;
    for (let i = from; i < end; i++) {
      const column = i % columns;
      const at = Math.floor(i / columns) * width + column;
      unit[at] = values[i] / scale;
      weights[at] = scale * scale * (importance ? Math.max(importance[column], least) || 1 : 1);
    }
  });
  const even = !scales && !importance && width === columns;
  return { size, values: unit, ...(!even && { weights: normalised(weights) }) };
}

/** WHY: squares of small scales would leave the range of float32. */
function normalised(weights: Float32Array): Float32Array {
  const most = weights.reduce((a, b) => Math.max(a, b), 0);
  return most > 0 ? weights.map((weight) => weight / most) : weights;
}
