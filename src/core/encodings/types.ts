import type { CodeBits } from '../tensor/sub-byte.ts';
import type { GapBits } from './sparse/gaps.ts';

/**
 * What a compressed weight is: an expression over stored tensors, independent of how ONNX writes them.
 * Values are absent while planning: shapes and types decide the bytes, so a plan and what fills it have
 * the same size. Every expression stands for a matrix Ŵ [rows, columns]: rows are output features
 * (embedding: vocabulary entries), columns input features.
 */
export type Encoded = Plain | Coded | Product | Kronecker | Sum | Masked | Sparse | Scaled | Split;

/** Values as they are, in any float type: pruned weights, half storage. Zeros are not bytes. */
export interface Plain {
  readonly kind: 'plain';
  /** What the file stores; the weight's own type keeps its place in the graph. */
  readonly dataType: number;
  /** [rows, columns] */
  readonly values?: Float32Array;
}

/**
 * Codes of 1–8 bits over an integer grid or a table:
 * - integer grid: Ŵ[r,c] = scale[r,g] · (code[r,c] − zero[r,g]), g = ⌊c / groupSize⌋;
 * - table:        Ŵ[r,c] = scale[r,g] · (table[code[r,c]] − zero[r,g]).
 */
export interface Coded {
  readonly kind: 'coded';
  readonly bits: CodeBits;
  readonly grid: 'integer' | Table;
  /** block: a group is `groupSize` columns of a row; channel: a whole row; tensor: everything. */
  readonly granularity: 'block' | 'channel' | 'tensor';
  /** Columns that share a scale. */
  readonly groupSize: number;
  /** One per group ([rows, ⌈columns / groupSize⌉]; a single one for the whole tensor); 1 when absent. */
  readonly scales?: Numbers;
  /** One per group, beside scales only; when absent, the middle code 2^(bits−1) of integer grids and 0 of tables. */
  readonly zeros?: Numbers;
  /** One unsigned code per byte, [rows, columns]; [rows, ⌈columns / vector⌉] over a table of vectors. */
  readonly codes?: Uint8Array;
}

/** The 2^bits values that codes stand for. */
export type Table = FixedTable | StoredTable;

/** A table of the standards (NF4, E2M1, ±2ᵏ, ±1): a constant of the graph, stored once per model. */
export interface FixedTable {
  readonly shared: 'fixed';
  /** Names the constant: the same name means the same values. */
  readonly name: string;
  readonly values: Float32Array;
}

/**
 * A table of this weight, [2^bits], or one of each row, [rows, 2^bits] (k-means); of the weight's vectors,
 * [2^bits, vector] (product quantization).
 */
export interface StoredTable {
  readonly shared: 'tensor' | 'row';
  readonly dataType: number;
  /** How many weights of a row, side by side, one code stands for; 1 when absent. Only for a table of the weight. */
  readonly vector?: 2 | 3 | 4;
  readonly values?: Float32Array;
}

/** Scales or zeros: floats of any type, small integers (uint8 zeros), or coded themselves. */
export type Numbers = PlainNumbers | CodedNumbers;

export interface PlainNumbers {
  readonly dataType: number;
  readonly values?: Float32Array;
}

/** All numbers as the one row of a coded matrix: double quantization (QLoRA), e8m0 scales (MX). */
export interface CodedNumbers {
  readonly coded: Coded;
}

/** Ŵ = L·R, L [rows, rank], R [rank, columns]: low rank. */
export interface Product {
  readonly kind: 'product';
  readonly rank: number;
  readonly left: Encoded;
  readonly right: Encoded;
  /** L and R are called what LoRA calls B and A, so that tools for adapters know them. */
  readonly adapter?: true;
}

/** Ŵ = Σ_t A_t ⊗ B_t, t < count: A_t [rows, columns], B_t the rest of the weight's rows and columns. */
export interface Kronecker {
  readonly kind: 'kronecker';
  readonly count: number;
  /** Sizes of each A_t; they divide the weight's. */
  readonly rows: number;
  readonly columns: number;
  /** [A_1 A_2 …], a matrix [rows, count · columns]. */
  readonly left: Encoded;
  /** [B_1; B_2; …], a matrix [count · weight rows / rows, weight columns / columns]. */
  readonly right: Encoded;
}

/** Ŵ = Σ parts: bit planes, low rank + residual, outliers + dense. */
export interface Sum {
  readonly kind: 'sum';
  readonly parts: readonly Encoded[];
}

/** Stored sparse: one bit per entry says whether it is kept, and only the kept values are stored. */
export interface Masked {
  readonly kind: 'masked';
  /** How many entries are kept. */
  readonly keep: number;
  /** 1 for kept entries, [rows, columns]. */
  readonly mask?: Uint8Array;
  /** The kept values row by row: a matrix [1, max(keep, 1)] of any kind. */
  readonly values: Encoded;
}

/** Stored sparse where few entries are kept: how far each lies behind the one before, and the kept values. */
export interface Sparse {
  readonly kind: 'sparse';
  /** How many entries are kept, at least 1. */
  readonly keep: number;
  /** Bits of a gap: two kept entries lie less than 2^gapBits apart, row by row, and the first less than that from the start. */
  readonly gapBits: GapBits;
  /** r · columns + c of the kept entries, ascending, [keep]. */
  readonly positions?: Int32Array;
  /** The kept values in that order: a matrix [1, keep] of any kind. */
  readonly values: Encoded;
}

/** Ŵ[r,c] = of[r,c] · by[c] (or by[r]): a scale that could not be folded into the graph. */
export interface Scaled {
  readonly kind: 'scaled';
  readonly axis: 'columns' | 'rows';
  readonly by: Numbers;
  readonly of: Encoded;
}

/**
 * Columns O apart: Ŵ[:,O] = kept [rows, |O|], all other columns in their order = rest [rows, columns − |O|]. Where a layer's input is
 * rounded, only what meets the rest is.
 */
export interface Split {
  readonly kind: 'split';
  /** Ascending; at least one, and not all. */
  readonly columns: readonly number[];
  readonly kept: Encoded;
  readonly rest: Encoded;
}

/** Rows and columns of the matrix an expression stands for. */
export interface Shape {
  readonly rows: number;
  readonly columns: number;
}

/** One weight of a matrix. */
export interface Entry {
  readonly row: number;
  readonly column: number;
}

/** Rows or columns [from, end). */
export interface Span {
  readonly from: number;
  readonly end: number;
}

/** Weights that share a grid, and that grid. */
export interface Group {
  readonly rows: Span;
  readonly columns: Span;
  readonly bits: number;
  /** Step of an integer grid, factor of a table; 1 where none is stored. */
  readonly scale: number;
  /** Of integer grids: the code that stands for 0, which may lie between codes. Absent for tables. */
  readonly zero?: number;
  /** What the codes 0 … 2^bits − 1 stand for, in their order. */
  readonly levels: Float32Array;
}

/** How a matrix lies in memory: [in, out] or [out, in]. */
export type MatrixLayout = 'in-out' | 'out-in';

/** What of a layer its encoding has to know: which node it is, and the shape of its weight. */
export interface WeightUse {
  readonly name: string;
  /** The node's first output, which identifies it. */
  readonly output: string;
  readonly op: 'MatMul' | 'Gemm' | 'Conv' | 'Gather';
  readonly outFeatures: number;
  readonly inFeatures: number;
  /** Further nodes that are this same map (the other branch of a merged decoder). */
  readonly twins?: readonly Pick<WeightUse, 'output' | 'op'>[];
}

/** One layer and what its weight becomes. */
export interface EncodedLayer {
  readonly layer: WeightUse;
  readonly encoded: Encoded;
  /**
   * The values depend on the weight and the options alone, not on data: layers that read the same
   * initializer then read the same encoded one, so a tied weight stays tied and is stored once.
   */
  readonly shareable?: boolean;
  /** How the layer's input is rounded before the product; as it is when absent. */
  readonly input?: InputCode;
}

/** How 8-bit activations get their range. */
export type InputCode = DynamicInput | StaticInput;

/** From each input as it comes: scale and zero by DynamicQuantizeLinear. */
export interface DynamicInput {
  readonly kind: 'dynamic';
}

/** Fixed beforehand: x̂ = scale · (clamp(round(x / scale) + zero, 0, 255) − zero). */
export interface StaticInput {
  readonly kind: 'static';
  /** Absent while planning. */
  readonly grid?: InputGrid;
}

export interface InputGrid {
  readonly scale: number;
  /** A whole number from 0 to 255. */
  readonly zero: number;
}
