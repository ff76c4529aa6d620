import {
  codedRows,
  groupOf,
  vectorOf,
  type Coded,
  type Encoded,
  type Entry,
  type Group,
} from '../../src/core/encodings/index.ts';
import type { Compared } from '../../src/core/kernels/preview.ts';
import type { AfterPicture } from './picture.ts';
import type { Subject } from './pictures.ts';

/** What became of a weight, before anybody looks closely at a part of it. */
export interface Outcome extends Pick<AfterPicture, 'from' | 'did'> {
  readonly compared: Compared;
  /** Weights per bin of values; absent where they are counted by their codes. */
  readonly histogram?: Float64Array;
  /** Some rows of Ŵ. */
  rows(rows: readonly number[]): RowsAfter;
  /** The weights that share a grid with this one. */
  group(entry: Entry): Group | undefined;
  /** Why it is not the method that was asked for. */
  readonly note?: string;
}

export interface RowsAfter {
  /** [rows.length, columns] */
  readonly values: Float32Array;
  /** The same as codes, where they are some. */
  readonly coded?: Coded;
}

interface Whole extends Pick<Outcome, 'from' | 'did' | 'note'> {
  /** Ŵ [rows, columns] */
  readonly shown: Float32Array;
  /** The expression it comes from, as far as that is known. */
  readonly encoded?: Encoded;
}

/** An outcome of which all of Ŵ is there. */
export function wholeOutcome({ resident, frame }: Subject, whole: Whole): Outcome {
  const { shown, encoded, ...said } = whole;
  const { histogram, ...compared } = resident.dense(shown);
  return {
    ...{ ...said, compared, histogram },
    rows: (rows) => ({
      values: rowsOf(shown, rows, frame.columns),
      ...(encoded?.kind === 'coded' &&
        vectorOf(encoded) === 1 && { coded: codedRows(encoded, frame, rows) }),
    }),
    group: (entry) => encoded && groupOf(encoded, frame, entry),
  };
}

/** Rows of a matrix of this width, one after the other. */
export function rowsOf(
  values: Float32Array,
  rows: readonly number[],
  columns: number,
): Float32Array {
  const out = new Float32Array(rows.length * columns);
  rows.forEach((row, i) => {
    out.set(values.subarray(row * columns, (row + 1) * columns), i * columns);
  });
  return out;
}
