import type { Crop, Entry } from '../../../../../workers/protocol.ts';
import type { Palette } from './palette.ts';
import type { SparsityPattern } from './sparsity-pattern.ts';

interface ZerosScene {
  readonly values: Float32Array;
  readonly crop: Crop;
  readonly group: SparsityPattern['group'];
  readonly entry: Entry;
  readonly palette: Palette;
}

/** Narrower cells have no room for what stands between them, in pixels. */
const ROOM = 4;
/** A full field of the accent would outshine everything beside it. */
const SOFT = 0.65;

/** A filled cell for each weight that stays, none where it is zero; thin lines between the groups of a pattern. */
export function paintZeros(
  context: CanvasRenderingContext2D,
  width: number,
  height: number,
  { values, crop, group, entry, palette }: ZerosScene,
): void {
  const rows = crop.rows.end - crop.rows.from;
  const columns = crop.columns.end - crop.columns.from;
  const x = (column: number): number => Math.round((column * width) / columns);
  const y = (row: number): number => Math.round((row * height) / rows);
  const gap = width / columns >= ROOM ? 1 : 0;
  context.fillStyle = palette.accent;
  context.globalAlpha = SOFT;
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      if (values[row * columns + column] === 0) continue;
      const [left, top] = [x(column), y(row)];
      context.fillRect(left, top, x(column + 1) - left - gap, y(row + 1) - top - gap);
    }
  }
  context.globalAlpha = 1;
  if (group && gap > 0) {
    const first = (group.of - (crop.columns.from % group.of)) % group.of;
    context.fillStyle = palette.text;
    for (let column = first; column < columns; column += group.of) {
      const at = x(column) - 1;
      context.clearRect(at - 1, 0, 3, height);
      if (column > 0) context.fillRect(at, 0, 1, height);
    }
  }
  const [column, row] = [entry.column - crop.columns.from, entry.row - crop.rows.from];
  context.lineWidth = 1.5;
  context.strokeStyle = palette.text;
  context.strokeRect(
    x(column) - 1,
    y(row) - 1,
    x(column + 1) - x(column) + 2,
    y(row + 1) - y(row) + 2,
  );
}
