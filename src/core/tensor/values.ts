/** A tensor in memory, as it goes into and comes out of a session. */
export interface Value {
  /** A number of {@link DataType}. */
  readonly dataType: number;
  readonly dims: readonly number[];
  readonly data: ValueData;
}

export type ValueData =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;
