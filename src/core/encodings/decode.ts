import { nest } from './nest.ts';
import type { Encoded, Entry, Group, Shape } from './types.ts';

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

/**
 * The weights that share a grid with the one at `entry`, and the values they can take; undefined where these are
 * not few. Throws `encoding-planned`.
 */
export function groupOf(encoded: Encoded, shape: Shape, entry: Entry): Group | undefined {
  return nest.group(encoded, shape, entry);
}
