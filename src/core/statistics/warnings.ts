/**
 * The sentence a user should read when rows < columns: XᵀX then has rank ≤ rows, and methods that
 * invert it lean on damping alone. Undefined when there are enough rows.
 */
export function fewRowsWarning({
  rows,
  columns,
}: {
  readonly rows: number;
  readonly columns: number;
}): string | undefined {
  if (rows >= columns) return undefined;
  return `Calibration gave ${rows} rows for ${columns} columns, so the second moments cannot have full rank and damping decides the rest; use at least ${columns} tokens or examples.`;
}

/** The sentence where second moments took more damping than was asked for; undefined where not. */
export function dampingWarning(asked: number, used: number): string | undefined {
  if (used <= asked) return undefined;
  return `The second moments could not be inverted with damping ${asked}, so ${used} was used; more calibration data would help.`;
}
