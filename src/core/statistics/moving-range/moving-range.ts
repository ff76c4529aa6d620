import { assertRows, watchFinite } from '../activations.ts';
import type { ValueRange } from '../range/range.ts';
import type { TakeAccumulator } from '../take-accumulator.ts';

/** Rows that make one reading, however the data is batched. */
const READING = 64;
/** How far each reading moves the average (PyTorch's MovingAverageMinMaxObserver). */
const SHARE = 0.01;

/**
 * Moving averages of the least and the largest number of 64 successive rows of X [rows, columns]: m ← m + 0.01·(reading − m),
 * from the first reading on. One outlier moves them little. Both 0 before any row. Throws `activations-shape`,
 * `activations-not-finite`.
 */
export function createMovingRange(columns: number): TakeAccumulator<ValueRange> {
  const watch = watchFinite(columns);
  let average: readonly [number, number] | undefined;
  let [low, high, held, seen] = [Infinity, -Infinity, 0, 0];
  const read = (): void => {
    if (held === 0) return;
    average =
      average === undefined
        ? [low, high]
        : [average[0] + SHARE * (low - average[0]), average[1] + SHARE * (high - average[1])];
    [low, high, held] = [Infinity, -Infinity, 0];
  };
  return {
    add(x, rows) {
      assertRows(x, rows, columns);
      watch.see(x);
      for (let row = 0; row < rows; row++) {
        for (const value of x.subarray(row * columns, (row + 1) * columns)) {
          if (value < low) low = value;
          if (value > high) high = value;
        }
        held++;
        if (held === READING) read();
      }
      seen += rows;
    },
    finish() {
      watch.assert();
      read();
      const [minimum, maximum] = average ?? [0, 0];
      return { rows: seen, columns, minimum, maximum };
    },
  };
}
