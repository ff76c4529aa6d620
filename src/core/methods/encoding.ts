import type { Layer } from '../anatomy/types.ts';

/**
 * The forms a compressed weight can take, independent of how ONNX writes them (`core/methods/export/`
 * turns each into initializers and nodes). Typed arrays are absent while planning: shapes decide the
 * bytes, so a plan and its result have the same size.
 *
 * Rows are output features (embedding: vocabulary entries), columns input features.
 */
export type EncodedWeight = DenseWeight | UniformWeight | Float16Weight;

/** Plain float32 of the same size: pruned weights. Zeros are not bytes. */
export interface DenseWeight {
  readonly kind: 'dense';
  readonly values?: Float32Array;
}

/** IEEE half bits, cast back to float32 in the graph. */
export interface Float16Weight {
  readonly kind: 'float16';
  readonly values?: Uint16Array;
}

/**
 * Uniform quantization: Ŵ[r,c] = scale[r,g] · (code[r,c] − zero[r,g]), g = ⌊c / groupSize⌋.
 * `granularity` block: groupSize = block size; channel: groupSize = columns; tensor: one group for all.
 */
export interface UniformWeight {
  readonly kind: 'uniform';
  readonly bits: 2 | 3 | 4 | 8;
  readonly granularity: 'block' | 'channel' | 'tensor';
  /** Columns that share a scale. */
  readonly groupSize: number;
  /** No stored zero points: the zero code is the middle, 2^(bits−1). */
  readonly symmetric: boolean;
  /** How the file stores it. */
  readonly format: 'matmul-nbits' | 'gather-block-quantized' | 'qdq' | 'packed';
  /** One unsigned code per byte, [rows, columns]. */
  readonly codes?: Uint8Array;
  /** [rows, ⌈columns / groupSize⌉], or [1] for granularity tensor. */
  readonly scales?: Float32Array;
  /** Same shape as scales; absent when symmetric. */
  readonly zeros?: Uint8Array;
}

/** Everything the exporter needs to know about the place where the weight sits. */
export interface EncodedLayer {
  readonly layer: Layer;
  readonly encoded: EncodedWeight;
}
