import { LatheError } from '../../core/errors/lathe-error.ts';
import type { Logits } from './logits.ts';

/** Index of the largest score of each row, the first of equals. */
export function argmaxRows({ values, rows, classes }: Logits): Int32Array {
  return Int32Array.from({ length: rows }, (_, r) => {
    let best = 0;
    for (let c = 1; c < classes; c++) {
      if (values[r * classes + c] > values[r * classes + best]) best = c;
    }
    return best;
  });
}

/** Only the rows at `indices`. */
export function pickRows({ values, classes }: Logits, indices: readonly number[]): Logits {
  const picked = new Float32Array(indices.length * classes);
  indices.forEach((row, at) => {
    picked.set(values.subarray(row * classes, (row + 1) * classes), at * classes);
  });
  return { values: picked, rows: indices.length, classes };
}

/** Refuses two models that tell different classes apart: `classes-differ`. */
export function checkClasses(original: number, model: number): void {
  if (original === model) return;
  throw new LatheError(
    'classes-differ',
    `The original scores ${original} classes and the model ${model}, so their answers cannot be compared; give the original that this model was made from.`,
    { original, model },
  );
}
