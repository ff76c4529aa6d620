/** Rows of one or more values in step, handed on in blocks of a fixed size. */
export interface RowBlocks {
  /** Takes in as many rows of each value. */
  add(values: readonly Float32Array[], rows: number): void;
  /** Hands on the last, shorter block. */
  flush(): void;
}

/**
 * Gathers rows into blocks of exactly `size`, the last one shorter, so that the order of additions
 * never depends on how the data was cut into batches. `use` gets X [rows, columns] of each value,
 * valid during the call only.
 */
export function rowBlocks(
  columns: readonly number[],
  size: number,
  use: (blocks: readonly Float32Array[], rows: number) => void,
): RowBlocks {
  const blocks = columns.map((width) => new Float32Array(size * width));
  let filled = 0;
  function flush(): void {
    const rows = filled;
    filled = 0;
    if (rows > 0)
      use(
        blocks.map((block, v) => block.subarray(0, rows * columns[v])),
        rows,
      );
  }
  return {
    flush,
    add(values, rows) {
      for (let row = 0; row < rows;) {
        const take = Math.min(rows - row, size - filled);
        values.forEach((x, v) => {
          const width = columns[v];
          blocks[v].set(x.subarray(row * width, (row + take) * width), filled * width);
        });
        filled += take;
        row += take;
        if (filled === size) flush();
      }
    },
  };
}
