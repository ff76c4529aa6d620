/** All of 0 … count − 1 that are not in `columns`, which ascend. */
export function othersOf(columns: readonly number[], count: number): number[] {
  const apart = new Set(columns);
  return Array.from({ length: count }, (_, i) => i).filter((i) => !apart.has(i));
}

/** The place of a column among the others; undefined where it is apart itself. */
export function restColumn(columns: readonly number[], column: number): number | undefined {
  if (columns.includes(column)) return undefined;
  return column - columns.filter((apart) => apart < column).length;
}
