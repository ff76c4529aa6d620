import type { Crop, Entry } from '../../../../../workers/protocol.ts';
import { divergingPixels } from '../../../charts/diverging.ts';

export interface MapScene {
  /** Row-major values of the crop. */
  readonly values: Float32Array;
  readonly crop: Crop;
  readonly extent: number;
  readonly table: Uint32Array;
  /** The block that is pictured, and the weights that are pointed out. */
  readonly block: Crop;
  readonly marked: readonly (Entry | undefined)[];
}

/** A cell per weight, the picked block framed. */
export function paintMap(
  context: CanvasRenderingContext2D,
  width: number,
  height: number,
  { values, crop, extent, table, block, marked }: MapScene,
): void {
  const rows = crop.rows.end - crop.rows.from;
  const columns = crop.columns.end - crop.columns.from;
  if (values.length !== rows * columns || values.length === 0) return;
  paintCells(context, width, height, { values, extent, table }, { rows, columns });
  const [cellWidth, cellHeight] = [width / columns, height / rows];
  const frame = (from: Entry, end: Entry, grow: number): void => {
    const x = (from.column - crop.columns.from) * cellWidth;
    const y = (from.row - crop.rows.from) * cellHeight;
    const [w, h] = [(end.column - from.column) * cellWidth, (end.row - from.row) * cellHeight];
    outlined(context, x - grow, y - grow, w + 2 * grow, h + 2 * grow);
  };
  frame(
    { row: block.rows.from, column: block.columns.from },
    { row: block.rows.end, column: block.columns.end },
    0.5,
  );
  for (const entry of marked)
    if (entry) frame(entry, { row: entry.row + 1, column: entry.column + 1 }, 1.5);
}

function paintCells(
  context: CanvasRenderingContext2D,
  width: number,
  height: number,
  { values, extent, table }: Pick<MapScene, 'values' | 'extent' | 'table'>,
  { rows, columns }: { readonly rows: number; readonly columns: number },
): void {
  const cells = new OffscreenCanvas(columns, rows);
  const pixels = new ImageData(divergingPixels(values, extent, table), columns, rows);
  cells.getContext('2d')?.putImageData(pixels, 0, 0);
  context.imageSmoothingEnabled = false;
  context.drawImage(cells, 0, 0, width, height);
}

/** Dark within light, to be seen on every colour. */
function outlined(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  width: number,
  height: number,
): void {
  context.lineWidth = 2.5;
  context.strokeStyle = '#ffffff';
  context.strokeRect(x, y, width, height);
  context.lineWidth = 1;
  context.strokeStyle = '#101314';
  context.strokeRect(x, y, width, height);
}
