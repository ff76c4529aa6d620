import type { Entry, Preview } from '../../../../../workers/protocol.ts';
import { FIGURE_FONT } from '../../../charts/figure.ts';
import { wrapped } from '../../../charts/wrapped.ts';
import { enWeights as t } from '../../../strings/en-weights.ts';
import { layoutOf } from './block-layout.ts';
import { blockWords } from './block-words.ts';
import { paintBlock } from './paint-block.ts';
import { lightPalette, type Palette } from './palette.ts';

export interface BlockFigure {
  readonly preview: Preview;
  readonly entry: Entry;
  readonly model: string;
  /** As it is to be printed. */
  readonly date: string;
}

const WIDTH = 960;
const SIDE = 24;
const HEAD = 68;
const PICTURE = 260;
const LINE = 18;
const SHARP = 2;

/** The block and its grid for a paper or a page, on white: it says of which model and layer, and how to read it. */
export async function blockPng(figure: BlockFigure): Promise<Blob> {
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('this browser gives no 2D canvas');
  const palette = lightPalette(`11px ${FIGURE_FONT}`);
  const caption = `12px ${FIGURE_FONT}`;
  context.font = caption;
  const measure = (text: string): number => context.measureText(text).width;
  const lines = wrapped(blockWords(figure.preview).join(' '), WIDTH - 2 * SIDE, measure);
  const height = HEAD + PICTURE + lines.length * LINE + SIDE;
  [canvas.width, canvas.height] = [SHARP * WIDTH, SHARP * height];
  context.setTransform(SHARP, 0, 0, SHARP, 0, 0);
  context.fillStyle = 'white';
  context.fillRect(0, 0, WIDTH, height);
  paintHead(context, figure, palette);
  paintPicture(context, figure, palette);
  context.font = caption;
  context.textAlign = 'left';
  context.fillStyle = palette.text2;
  lines.forEach((line, i) => context.fillText(line, SIDE, HEAD + PICTURE + LINE * (i + 1)));
  return new Promise((done, failed) => {
    canvas.toBlob((blob) => (blob ? done(blob) : failed(new Error('the picture is empty'))));
  });
}

function paintHead(
  context: CanvasRenderingContext2D,
  { preview, model, date }: BlockFigure,
  palette: Palette,
): void {
  context.fillStyle = palette.text;
  context.font = `600 16px ${FIGURE_FONT}`;
  context.fillText(t.figure.title(model, preview.layer), SIDE, 28, WIDTH - 2 * SIDE);
  context.fillStyle = palette.text2;
  context.font = `12px ${FIGURE_FONT}`;
  context.fillText(factsOf(preview, date).join(' · '), SIDE, 48);
}

/** Shape, bits where there is a grid, and the day. */
export function factsOf({ rows, columns, block }: Preview, date: string): string[] {
  return [
    `${rows}×${columns}`,
    ...(block.grid ? [t.figure.bits(block.grid.bits)] : []),
    t.figure.drawn(date),
  ];
}

function paintPicture(
  context: CanvasRenderingContext2D,
  { preview: { block }, entry }: BlockFigure,
  palette: Palette,
): void {
  const width = WIDTH - 2 * SIDE;
  const layout = layoutOf(block, width, PICTURE);
  const { row, columns } = block.drawn;
  const picked = entry.row === row ? entry.column - columns.from : -1;
  context.save();
  context.translate(SIDE, HEAD);
  const { after } = layout;
  paintBlock({ context, block, layout, after, picked, palette, width, height: PICTURE });
  context.restore();
}
