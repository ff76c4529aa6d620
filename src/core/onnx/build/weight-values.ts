/** A weight's values, or only how many there will be: a plan knows sizes, a run the numbers. */
export type WeightValues = Float32Array | PlannedValues;

export interface PlannedValues {
  readonly planned: true;
  readonly length: number;
}

export function plannedValues(length: number): PlannedValues {
  return { planned: true, length };
}

/** [rows, columns] → [columns, rows]. */
export function turnedValues(values: WeightValues, rows: number, columns: number): WeightValues {
  if ('planned' in values) return values;
  const turned = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      turned[column * rows + row] = values[row * columns + column];
    }
  }
  return turned;
}
