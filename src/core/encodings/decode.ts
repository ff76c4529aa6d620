import { nest } from './nest.ts';
import type { Encoded } from './types.ts';

/**
 * The weight Ŵ [rows, columns] that an expression stands for: exactly what the exported graph computes
 * with. Throws `encoding-planned` for a plan, which has no values yet.
 */
export function decodeWeight(encoded: Encoded, rows: number, columns: number): Float32Array {
  return nest.decode(encoded, { rows, columns });
}

/** What was done to a weight that became this, for sentences: "quantized", "stored as float16". */
export function didOf(encoded: Encoded): string {
  return nest.did(encoded);
}

/** The values that the first group of a weight can take, for its picture; undefined where they are not few. */
export function levelsOf(encoded: Encoded): Float32Array | undefined {
  return nest.levels(encoded);
}
