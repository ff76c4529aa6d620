import { expect, it } from 'vitest';
import { transpose } from './matrix.ts';

it.each([
  [1, 1],
  [3, 5],
  [32, 32],
  [33, 65],
  [100, 7],
])('turns %i × %i, whatever the type, and leaves what it was given', (rows, columns) => {
  for (const type of [Float32Array, Uint16Array, Int8Array]) {
    const given = Array.from({ length: rows * columns }, (_, i) => i % 101);
    const values = type.from(given);
    const turned = transpose(values, rows, columns);
    expect(turned).toBeInstanceOf(type);
    expect(values).toEqual(type.from(given));
    for (let r = 0; r < rows; r++)
      for (let c = 0; c < columns; c++) expect(turned[c * rows + r]).toBe(values[r * columns + c]);
  }
});
