import type { z } from 'zod';
import type { Layer } from '../../../anatomy/types.ts';
import {
  isPlainNumbers,
  requireKind,
  vectorOf,
  type Coded,
  type StoredTable,
  type Table,
} from '../../../encodings/index.ts';
import { throwIfCancelled } from '../../../errors/lathe-error.ts';
import type { Model } from '../../../onnx/types.ts';
import type { Seen } from '../../../statistics/seen.ts';
import { fromFloat32, toFloat32 } from '../../../tensor/convert.ts';
import { bitsPerElement, DataType } from '../../../tensor/data-type.ts';
import type { LayerWeight, MethodContext, Refusal } from '../../contract.ts';
import { encoderMethod } from '../../encoder-method.ts';
import { requireSeen } from '../../require-seen.ts';
import { floatPlace, isRefusal } from '../../site.ts';
import { blocksIn, eachBlock, largestMagnitudes, type Blocks } from '../blocks.ts';
import { encodeNearest, sorted } from '../nearest.ts';
import { tiesTogether } from '../uniform-options.ts';
import { planTable } from '../table-plan.ts';
import { gatherPoints } from './gather-points.ts';
import { meta, type options as schema } from './meta.ts';
import { optimalClusters, type Guess } from './optimal-clusters.ts';
import { vectorCodebook, type VectorCoded } from './vector-codebook.ts';

export type CodebookOptions = z.infer<typeof schema>;

/**
 * Codebook quantization (SqueezeLLM, Kim et al. 2023): Ŵ = table[code], the table the optimum of Σ h_j·(w − table[code])² over
 * a row or the whole matrix, h_j = 1 or Σx_j²; entries may be vectors of weights side by side. With block scales s the same for w / s, s the largest weight, each weight counting s²·h_j. Throws
 * `weight-not-finite`.
 */
export const codebook = encoderMethod<CodebookOptions>(meta, {
  shareable: true,
  ties: tiesTogether,
  look: ({ weighted, sequential }) => (weighted ? { take: ['norms'], sequential } : undefined),
  form: planCodebook,
  encode: async (weight, given, seen, options, context) => {
    throwIfCancelled(context.signal);
    const planned = requireKind(given, 'coded');
    const { layer, values } = weight;
    const blocks = blocksIn(planned, layer);
    const largest = largestMagnitudes(values, blocks);
    const importance = importanceOf(weight, seen, options);
    const dataType = DataType[options.scales];
    if (hasVectors(planned)) {
      const units = planned.scales && rounded(dataType, unitsOf(values, planned, blocks, largest));
      const encoded = vectorCodebook({ layer, values, importance }, planned, units, context);
      context.progress?.(1);
      return { encoded: { ...encoded, ...(units && { scales: { dataType, values: units } }) } };
    }
    if (planned.granularity === 'channel') {
      return { encoded: tablePerRow(planned, layer, values, importance, context) };
    }
    const scales = planned.scales && rounded(dataType, signed(values, blocks, largest));
    const scaled = scales ? values.slice() : values;
    const counts = importance || scales ? new Float64Array(values.length).fill(1) : undefined;
    eachBlock(values.length, blocks, (from, end, block) => {
      const scale = scales?.[block] || 1;
      for (let i = from; i < end; i++) {
        if (scales) scaled[i] /= scale;
        if (counts) counts[i] = scale * scale * (importance?.[i % layer.inFeatures] ?? 1);
      }
    });
    const entries = clustersOf(scaled, counts, planned);
    const codes = codesOf(scaled, entries);
    context.progress?.(1);
    const grid = tableOf(planned, 'tensor', entries);
    return {
      encoded: { ...planned, grid, codes, ...(scales && { scales: { dataType, values: scales } }) },
    };
  },
});

function hasVectors(coded: Coded): coded is VectorCoded {
  return vectorOf(coded) > 1;
}

/** What vectors are measured in: rows by their root mean square, blocks as single weights are. */
function unitsOf(
  values: Float32Array,
  { granularity }: Coded,
  blocks: Blocks,
  largest: Float32Array,
): Float32Array {
  if (granularity !== 'channel') return signed(values, blocks, largest);
  const squares = new Float32Array(largest.length);
  eachBlock(values.length, blocks, (from, end, block) => {
    let sum = 0;
    for (let i = from; i < end; i++) sum += values[i] * values[i];
    squares[block] = Math.sqrt(sum / (end - from));
  });
  return squares;
}

/**
 * The largest magnitude of each block with its weight's sign: every block then has a 1 and few have a −1, so that one entry
 * serves both ends (Blumenberg et al. 2025, "Improving Block-Wise LLM Quantization by 4-bit Block-Wise Optimal Float").
 */
function signed(values: Float32Array, blocks: Blocks, largest: Float32Array): Float32Array {
  const scales = largest.slice();
  eachBlock(values.length, blocks, (from, end, block) => {
    for (let i = from; i < end; i++)
      if (Math.abs(values[i]) === largest[block]) {
        scales[block] = values[i];
        return;
      }
  });
  return scales;
}

/** Σx_j² of each column; undefined where all count the same. */
function importanceOf(
  weight: LayerWeight,
  seen: Seen,
  { weighted }: CodebookOptions,
): Float64Array | undefined {
  if (!weighted || weight.layer.op === 'Gather') return undefined;
  const { values } = requireSeen(seen, 'norms', weight, meta);
  return Float64Array.from(values, (norm) => norm * norm);
}

function tablePerRow(
  planned: Coded,
  { outFeatures: rows, inFeatures: columns }: Layer,
  values: Float32Array,
  importance: Float64Array | undefined,
  { progress, signal }: MethodContext,
): Coded {
  const entries = 2 ** planned.bits;
  const table = new Float32Array(rows * entries);
  const codes = new Uint8Array(values.length);
  const guess: Guess = {};
  for (let r = 0; r < rows; r++) {
    throwIfCancelled(signal);
    const row = values.subarray(r * columns, (r + 1) * columns);
    const own = clustersOf(row, importance, planned, guess);
    table.set(own, r * entries);
    codes.set(codesOf(row, own), r * columns);
    progress?.((r + 1) / rows);
  }
  return { ...planned, grid: tableOf(planned, 'row', table), codes };
}

/** The entries of one table as the file holds them, [2^bits]; where there are fewer values the largest is repeated. */
function clustersOf(
  values: Float32Array,
  weights: Float64Array | undefined,
  { bits, grid }: Coded,
  guess?: Guess,
): Float32Array {
  const found = optimalClusters(gatherPoints(values, weights), 2 ** bits, guess);
  const entries = new Float32Array(2 ** bits).fill(found[found.length - 1]);
  entries.set(found);
  return grid !== 'integer' && grid.shared !== 'fixed' ? rounded(grid.dataType, entries) : entries;
}

function codesOf(values: Float32Array, entries: Float32Array): Uint8Array {
  const codes = new Uint8Array(values.length);
  encodeNearest(values, { from: 0, end: values.length }, 1, sorted(entries, 'lower'), codes);
  return codes;
}

function tableOf({ grid }: Coded, shared: 'row' | 'tensor', values: Float32Array): Table {
  const dataType = grid !== 'integer' && grid.shared !== 'fixed' ? grid.dataType : DataType.float32;
  return { shared, dataType, values };
}

function rounded(dataType: number, values: Float32Array): Float32Array {
  return toFloat32(dataType, fromFloat32(dataType, values, true), values.length);
}

function planCodebook(
  layer: Layer,
  { bits, blockSize, scales, vector }: CodebookOptions,
  model: Model,
): Coded | Refusal {
  const place = floatPlace(model, layer);
  if (isRefusal(place)) return place;
  const numbers = { dataType: DataType[scales] };
  const perRow = blockSize === 'channel' && vector === undefined;
  const grid: StoredTable = {
    ...{ shared: perRow ? 'row' : 'tensor', ...numbers },
    ...(vector !== undefined && { vector }),
  };
  const withScales = !perRow && blockSize !== 'tensor' && { scales: () => numbers };
  const planned = planTable(layer, { bits, grid, blockSize, ...withScales }, model);
  if (isRefusal(planned)) return planned;
  const { outFeatures: rows, inFeatures: columns } = layer;
  const [before, after] = [
    (rows * columns * bitsPerElement(place.weight.dataType)) / 8,
    bytesOf(layer, planned),
  ];
  if (after < before) return planned;
  return {
    refused: `"${layer.name}" takes ${before} bytes, and ${bits}-bit codes with their tables about ${after}, which is not smaller, so it was left as it is; choose fewer bits or one table for the whole matrix.`,
  };
}

/** Codes, tables and scales, but for the padding of rows. */
function bytesOf({ outFeatures: rows, inFeatures: columns }: Layer, coded: Coded): number {
  const { bits, grid, groupSize, scales } = coded;
  if (grid === 'integer' || grid.shared === 'fixed') return 0;
  const number = bitsPerElement(grid.dataType) / 8;
  const vector = vectorOf(coded);
  const tables = number * 2 ** bits * (grid.shared === 'row' ? rows : vector);
  const blocks = scales && isPlainNumbers(scales) ? rows * Math.ceil(columns / groupSize) : 0;
  return rows * Math.ceil((Math.ceil(columns / vector) * bits) / 8) + tables + number * blocks;
}
