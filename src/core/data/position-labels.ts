import { LatheError } from '../errors/lathe-error.ts';

/** Marks a position that has no label: padding, special tokens, later pieces of a word (as in PyTorch). */
export const NO_LABEL = -100;

/** A class for each position of each example, [count, width] row by row; {@link NO_LABEL} where there is none. */
export interface PositionLabels {
  readonly width: number;
  readonly values: Int32Array;
}

/** The labels of the examples at `indices`, in that order. */
export function pickLabels(
  { width, values }: PositionLabels,
  indices: readonly number[],
): PositionLabels {
  const picked = new Int32Array(indices.length * width);
  indices.forEach((index, row) => {
    picked.set(values.subarray(index * width, (index + 1) * width), row * width);
  });
  return { width, values: picked };
}

/** The same without labels behind the end of each row. */
export function withoutPadding(
  { width, values }: PositionLabels,
  lengths: Int32Array,
): PositionLabels {
  const kept = values.map((label, i) =>
    i % width < lengths[Math.floor(i / width)] ? label : NO_LABEL,
  );
  return { width, values: kept };
}

/**
 * Refuses labels that the model has no class for.
 * @throws LatheError `data-label-range`
 */
export function checkPositionLabels(
  name: string,
  { width, values }: PositionLabels,
  classes: number,
): void {
  const index = values.findIndex((label) => label !== NO_LABEL && (label < 0 || label >= classes));
  if (index < 0) return;
  throw new LatheError(
    'data-label-range',
    `Position ${(index % width) + 1} of example ${Math.floor(index / width) + 1} of "${name}" has the label ${values[index]}, but the model tells ${classes} classes apart (0 to ${classes - 1}, ${NO_LABEL} for none); use data whose labels are the model's classes.`,
  );
}
