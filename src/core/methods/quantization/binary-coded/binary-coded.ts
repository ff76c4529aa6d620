import type { z } from 'zod';
import type { Layer } from '../../../anatomy/types.ts';
import { SIGNS, type Coded, type Encoded } from '../../../encodings/index.ts';
import { throwIfCancelled } from '../../../errors/lathe-error.ts';
import type { Model } from '../../../onnx/types.ts';
import { fromFloat32, toFloat32 } from '../../../tensor/convert.ts';
import { bitsPerElement, DataType } from '../../../tensor/data-type.ts';
import { encoderMethod } from '../../encoder-method.ts';
import type { Refusal } from '../../contract.ts';
import { isRefusal } from '../../site.ts';
import { blockCount, blocksIn, eachBlock, largestMagnitudes } from '../blocks.ts';
import { planTable } from '../table-plan.ts';
import { assignNearest, binaryCode, sumsOf } from './binary-code.ts';
import { meta, type options as schema } from './meta.ts';

export type BinaryCodedOptions = z.infer<typeof schema>;

/**
 * Binary-coded weights (LUT-GEMM, Park et al. 2022; Xu et al. 2018): Ŵ = Σ_p α_p·B_p, B_p ∈ {−1, 1}, one α_p per block and
 * plane. Stored plane by plane, or as codes of one table where that takes less. Throws `weight-not-finite`.
 */
export const binaryCoded = encoderMethod<BinaryCodedOptions>(meta, {
  shareable: true,
  form: planPlanes,
  encode: async ({ layer, values }, planned, _seen, options, context) => {
    throwIfCancelled(context.signal);
    const first = partsOf(planned)[0];
    const blocks = blocksIn(first, layer);
    largestMagnitudes(values, blocks);
    const { bits: count, iterations } = options;
    const codes = new Uint8Array(values.length);
    const dataType = DataType[options.scales];
    const alphas = new Float32Array(count * blockCount(values.length, blocks));
    eachBlock(values.length, blocks, (from, end, block) => {
      const [w, own] = [values.subarray(from, end), codes.subarray(from, end)];
      const found = rounded(dataType, binaryCode(w, own, { count, iterations }));
      // Signs for the factors that the file holds.
      if (iterations > 0) assignNearest(w, own, found);
      alphas.set(found, block * count);
    });
    context.progress?.(1);
    return { encoded: filled(planned, codes, alphas, { count, dataType }) };
  },
});

function rounded(dataType: number, values: Float64Array): Float32Array {
  return toFloat32(dataType, fromFloat32(dataType, Float32Array.from(values), true), values.length);
}

function planPlanes(
  layer: Layer,
  { bits, blockSize, scales }: BinaryCodedOptions,
  model: Model,
): Encoded | Refusal {
  const numbers = { dataType: DataType[scales] };
  const choice = { bits: 1, grid: SIGNS, blockSize, scales: () => numbers } as const;
  const plane = planTable(layer, choice, model);
  if (isRefusal(plane) || bits === 1) return plane;
  if (tableIsSmaller(layer, bits, plane.granularity, numbers.dataType)) {
    return planTable(layer, { bits, blockSize, grid: { shared: 'tensor', ...numbers } }, model);
  }
  return { kind: 'sum', parts: Array.from({ length: bits }, () => plane) };
}

/** One table serves only a whole tensor. Rows of planes end with a byte each, rows of codes with one for all. */
function tableIsSmaller(
  { outFeatures: rows, inFeatures: columns }: Layer,
  bits: number,
  granularity: Coded['granularity'],
  dataType: number,
): boolean {
  if (granularity !== 'tensor') return false;
  const number = bitsPerElement(dataType) / 8;
  const planes = bits * (rows * Math.ceil(columns / 8) + number);
  const word = bits === 3 ? 8 : 8 / bits;
  const codes = (rows * Math.ceil(columns / word) * word * bits) / 8;
  return codes + number * 2 ** bits < planes;
}

function partsOf(planned: Encoded): readonly Coded[] {
  const parts = planned.kind === 'sum' ? planned.parts : [planned];
  return parts.filter((part) => part.kind === 'coded');
}

interface Stored {
  readonly count: number;
  readonly dataType: number;
}

function filled(
  planned: Encoded,
  codes: Uint8Array,
  alphas: Float32Array,
  { count, dataType }: Stored,
): Encoded {
  const parts = partsOf(planned);
  if (parts.length < count) {
    const values = Float32Array.from(sumsOf(alphas));
    return { ...parts[0], codes, grid: { shared: 'tensor', dataType, values } };
  }
  const planes = parts.map((part, p): Coded => ({
    ...part,
    codes: codes.map((code) => (code >> p) & 1),
    scales: { dataType, values: alphas.filter((_, i) => i % count === p) },
  }));
  return planned.kind === 'sum' ? { ...planned, parts: planes } : planes[0];
}
