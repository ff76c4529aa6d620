import type { Layer } from '../anatomy/types.ts';

/**
 * The forms a compressed weight can take, independent of how ONNX writes them (`core/methods/export/`
 * turns each into initializers and nodes). Typed arrays are absent while planning: shapes decide the
 * bytes, so a plan and its result have the same size.
 *
 * Rows are output features (embedding: vocabulary entries), columns input features.
 */
export type EncodedWeight = DenseWeight | UniformWeight | Float16Weight;

/** How a file stores a uniform weight; `methods/export/choose-format.ts` holds the table. */
export type UniformFormat = 'matmul-nbits' | 'gather-block-quantized' | 'qdq' | 'packed';

interface Shareable {
  /**
   * The values depend on the weight and the options alone, not on data: layers that read the same
   * initializer then read the same encoded one, so a tied weight stays tied and is stored once.
   */
  readonly shareable?: boolean;
}

/** Plain values of the weight's own type and size: pruned weights. Zeros are not bytes. */
export interface DenseWeight extends Shareable {
  readonly kind: 'dense';
  readonly values?: Float32Array;
}

/** IEEE half bits, cast back to float32 in the graph. */
export interface Float16Weight extends Shareable {
  readonly kind: 'float16';
  readonly values?: Uint16Array;
}

/**
 * Uniform quantization: Ŵ[r,c] = scale[r,g] · (code[r,c] − zero[r,g]), g = ⌊c / groupSize⌋.
 * `granularity` block: groupSize = block size; channel: groupSize = columns; tensor: one group for all.
 */
export interface UniformWeight extends Shareable {
  readonly kind: 'uniform';
  readonly bits: 2 | 3 | 4 | 8;
  readonly granularity: 'block' | 'channel' | 'tensor';
  /** Columns that share a scale. */
  readonly groupSize: number;
  /** No stored zero points: the zero code is the middle, 2^(bits−1). */
  readonly symmetric: boolean;
  /** How the file stores it. */
  readonly format: UniformFormat;
  /** How the file stores the scales; float32 unless stated. `scales` then holds values a half can hold. */
  readonly scaleType?: 'float32' | 'float16';
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
