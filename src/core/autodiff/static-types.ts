import type { Value } from '../tensor/values.ts';

/** Element type and size of a value once every dimension is a number. */
export interface StaticType {
  /** A number of `DataType`. */
  readonly dataType: number;
  readonly dims: readonly number[];
}

/** What is known of the values of a graph whose shapes are all fixed. */
export interface StaticValues {
  /** Undefined for a value whose shape could not be inferred. */
  type(value: string): StaticType | undefined;
  /** The value itself, when it is a small constant. */
  constant(value: string): Value | undefined;
}
