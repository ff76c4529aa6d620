/** Collects one take of X while its rows stream by. The same rows give the same bits however they are cut into calls. */
export interface TakeAccumulator<Result> {
  /** Takes in X [rows, columns], row-major. The array is not kept. Throws `activations-shape`. */
  add(x: Float32Array, rows: number): void;
  /** What was collected. The accumulator must not be used afterwards. Throws `activations-not-finite`. */
  finish(): Result;
}

/** Collects one take of two values whose rows go in step. */
export interface PairAccumulator<Result> {
  /** Takes in X [rows, columns] and the other's Y [rows, otherColumns]. Neither is kept. */
  add(x: Float32Array, rows: number, other: Float32Array): void;
  finish(): Result;
}
