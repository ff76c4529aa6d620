/**
 * The order in which a sweep works on columns:
 * - `columns`: as they stand;
 * - `activation`: by falling diag(H), so that the errors that cost most are made while there is most room to correct
 *   them (`act_order`, `desc_act` of GPTQ);
 * - `blocks`: the same inside each group, and the groups by their largest diag(H). Groups stay whole, so their grids
 *   are stored as ever (group-aware reordering of GPTQModel).
 */
export type ColumnOrder = 'columns' | 'activation' | 'blocks';

/**
 * order[j] = the column that is worked on as the j-th. Equals keep their order, so the result does not depend on the
 * engine; with `blocks` a last group that is shorter stays last, so every group begins at a multiple of `groupSize`.
 */
export function columnOrder(
  diagonal: Float32Array,
  order: ColumnOrder,
  groupSize: number,
): Uint32Array {
  const columns = Uint32Array.from(diagonal, (_, j) => j);
  if (order === 'columns') return columns;
  const falling = (a: number, b: number): number => diagonal[b] - diagonal[a] || a - b;
  if (order === 'activation') return columns.sort(falling);
  const whole = columns.length - (columns.length % groupSize);
  const groups: Uint32Array[] = [];
  for (let c = 0; c < whole; c += groupSize)
    groups.push(columns.slice(c, c + groupSize).sort(falling));
  groups.sort(([a], [b]) => falling(a, b));
  const sorted = [...groups, columns.slice(whole).sort(falling)];
  let at = 0;
  for (const group of sorted) {
    columns.set(group, at);
    at += group.length;
  }
  return columns;
}
