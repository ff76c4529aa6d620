import type { MatrixLayout } from './place.ts';

/** A weight as a float value in the graph. */
export interface StoredValue {
  readonly kind: 'value';
  readonly value: string;
  /** How the matrix lies; a Conv weight already has the dims its node wants. */
  readonly layout: MatrixLayout;
  readonly elementType: number;
  /** A Conv weight still in the form [out, in/group·∏kernel]. */
  readonly unfolded?: boolean;
}

/**
 * Codes of whole rows, so that rows can be looked up before they are unpacked: `codes` is
 * [rows, …bytes of a row]. Every uniform format but an in-out DequantizeLinear is one.
 */
export interface StoredRows {
  readonly kind: 'rows';
  readonly codes: string;
  /** int8 codes are centred already: their zero is 0. */
  readonly signed: boolean;
  readonly bits: 2 | 3 | 4 | 8;
  readonly rows: number;
  readonly columns: number;
  /** Codes stored per row, padding included. */
  readonly paddedColumns: number;
  readonly granularity: 'block' | 'channel' | 'tensor';
  readonly groupSize: number;
  readonly groups: number;
  /** float32 or float16, [rows, groups], or a scalar for granularity tensor. */
  readonly scales: string;
  readonly scaleType: number;
  /** Scales and zeros are stored as [rows], not [rows, 1]. */
  readonly flatScales?: boolean;
  /** uint8; packed to `bits` per code in whole bytes per row when `zerosPacked`. */
  readonly zeros?: string;
  readonly zerosPacked?: boolean;
}
