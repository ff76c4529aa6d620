import type { Entry, Preview, Spectrum } from '../../../../../workers/protocol.ts';
import { DIVERGING, DIVERGING_ERROR } from '../../../charts/diverging.ts';
import { FIGURE_FONT } from '../../../charts/figure.ts';
import { wrapped } from '../../../charts/wrapped.ts';
import { formatError, significant } from '../../../format/format.ts';
import { enWeights as t } from '../../../strings/en-weights.ts';
import { layoutOf } from './block-layout.ts';
import { factsOf } from './block-png.ts';
import { blockWords } from './block-words.ts';
import { errorExtent, errorsOf, valueExtent } from './extents.ts';
import { numberText } from './number-text.ts';
import { paintBlock } from './paint-block.ts';
import { paintCodes } from './paint-codes.ts';
import { paintMap } from './paint-map.ts';
import { paintValues } from './paint-values.ts';
import { paintZeros } from './paint-zeros.ts';
import { lightPalette, type Palette } from './palette.ts';
import { sparsityOf } from './sparsity-pattern.ts';
import { spectrumFacts } from './spectrum-facts.ts';
import { paintSpectrum } from './spectrum-plot.tsx';

export interface TensorFigure {
  readonly preview: Preview;
  readonly entry: Entry;
  readonly model: string;
  /** What was done, by its title; absent where nothing was. */
  readonly method?: string;
  /** Where rank is what a method is about. */
  readonly spectrum?: Spectrum;
  /** As it is to be printed. */
  readonly date: string;
}

const WIDTH = 960;
const SIDE = 24;
const INNER = WIDTH - 2 * SIDE;
const HEAD = 68;
const MAPS = 248;
const PANEL = 220;
const LABEL = 22;
const GAP = 16;
const LINE = 18;
const SHARP = 2;

/** One panel of the figure, drawn in a box of its own. */
interface Panel {
  readonly title: string;
  readonly height: number;
  readonly paint: (context: CanvasRenderingContext2D) => void;
}

/** What was done to a tensor in one picture, on white: before, after and error, what the method is about, and all weights. */
export async function tensorPng(figure: TensorFigure): Promise<Blob> {
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('this browser gives no 2D canvas');
  const palette = lightPalette(`11px ${FIGURE_FONT}`);
  const caption = `12px ${FIGURE_FONT}`;
  context.font = caption;
  const measure = (text: string): number => context.measureText(text).width;
  const lines = wrapped(blockWords(figure.preview).join(' '), INNER, measure);
  const panels = [ownPanel(figure, palette), histogramPanel(figure, palette)];
  const body = panels.reduce((sum, { height }) => sum + LABEL + height + GAP, HEAD + MAPS + GAP);
  const height = body + lines.length * LINE + SIDE;
  [canvas.width, canvas.height] = [SHARP * WIDTH, SHARP * height];
  context.setTransform(SHARP, 0, 0, SHARP, 0, 0);
  context.fillStyle = 'white';
  context.fillRect(0, 0, WIDTH, height);
  paintHead(context, figure, palette);
  paintMaps(context, figure, palette);
  let top = HEAD + MAPS + GAP;
  for (const panel of panels) {
    label(context, palette, panel.title, SIDE, top + 14);
    context.save();
    context.translate(SIDE, top + LABEL);
    context.font = palette.font;
    panel.paint(context);
    context.restore();
    top += LABEL + panel.height + GAP;
  }
  lines.forEach((line, i) => label(context, palette, line, SIDE, body + LINE * i));
  return new Promise((done, failed) => {
    canvas.toBlob((blob) => (blob ? done(blob) : failed(new Error('the picture is empty'))));
  });
}

function label(
  context: CanvasRenderingContext2D,
  palette: Palette,
  text: string,
  x: number,
  y: number,
): void {
  context.font = `12px ${FIGURE_FONT}`;
  context.textAlign = 'left';
  context.fillStyle = palette.text2;
  context.fillText(text, x, y);
}

function paintHead(
  context: CanvasRenderingContext2D,
  { preview, model, method, date }: TensorFigure,
  palette: Palette,
): void {
  const { after } = preview;
  context.fillStyle = palette.text;
  context.font = `600 16px ${FIGURE_FONT}`;
  const title = t.figure.title(model, preview.layer);
  context.fillText(method === undefined ? title : `${title} · ${method}`, SIDE, 28, INNER);
  const errors = after
    ? [
        `${t.weightError} ${formatError(after.relativeError)}`,
        `${t.sqnr} ${Number.isFinite(after.sqnr) ? `${significant(after.sqnr)} dB` : '∞'}`,
      ]
    : [];
  label(context, palette, [...errors, ...factsOf(preview, date)].join(' · '), SIDE, 48);
}

function paintMaps(
  context: CanvasRenderingContext2D,
  { preview, entry }: TensorFigure,
  palette: Palette,
): void {
  const { before, after, crop, block } = preview;
  const extent = valueExtent(preview);
  const errors = after && errorsOf(before.crop, after.crop);
  const fixed = errors ? errorExtent('fixed', extent, errors) : 0;
  const maps = [
    { name: t.before, values: before.crop, extent, table: DIVERGING },
    ...(after ? [{ name: t.after, values: after.crop, extent, table: DIVERGING }] : []),
    ...(errors ? [{ name: t.error, values: errors, extent: fixed, table: DIVERGING_ERROR }] : []),
  ];
  const width = (INNER - 2 * GAP) / 3;
  maps.forEach(({ name, ...map }, at) => {
    const x = SIDE + at * (width + GAP);
    label(context, palette, `${name}, ±${numberText(map.extent)}`, x, HEAD + 8);
    context.save();
    context.translate(x, HEAD + 16);
    context.beginPath();
    context.rect(0, 0, width, MAPS - 16);
    context.clip();
    paintMap(context, width, MAPS - 16, { ...map, crop, block, marked: [entry] });
    context.restore();
  });
}

/** Singular values where rank is what counts, zeros where some were set, else the block on its grid. */
function ownPanel(figure: TensorFigure, palette: Palette): Panel {
  const { preview, entry, spectrum } = figure;
  const size = { width: INNER, height: PANEL };
  if (spectrum) {
    const facts = spectrumFacts(spectrum);
    const paint = (context: CanvasRenderingContext2D): void =>
      paintSpectrum({ context, palette, ...size }, spectrum, facts);
    return { title: t.spectrum, height: PANEL, paint };
  }
  const pattern = sparsityOf(preview);
  const values = preview.after?.crop;
  if (pattern && values) {
    const { crop } = preview;
    const scene = { values, crop, group: pattern.group, entry, palette };
    const paint = (context: CanvasRenderingContext2D): void =>
      paintZeros(context, INNER / 2, PANEL, scene);
    return { title: t.pattern, height: PANEL, paint };
  }
  return {
    title: t.block,
    height: PANEL,
    paint: (context) => paintOwnBlock(context, figure, palette),
  };
}

function paintOwnBlock(
  context: CanvasRenderingContext2D,
  { preview: { block }, entry }: TensorFigure,
  palette: Palette,
): void {
  const layout = layoutOf(block, INNER, PANEL);
  const { row, columns } = block.drawn;
  const picked = entry.row === row ? entry.column - columns.from : -1;
  const { after } = layout;
  paintBlock({ context, block, layout, after, picked, palette, width: INNER, height: PANEL });
}

function histogramPanel({ preview }: TensorFigure, palette: Palette): Panel {
  const grid = preview.after?.codes ?? preview.block.histogram;
  const title = preview.after?.codes ? t.inCodes : grid ? t.inBlock : t.inValues;
  const paint = (context: CanvasRenderingContext2D): void => {
    const plot = { context, palette, width: INNER, height: PANEL };
    if (grid) paintCodes(plot, grid);
    else paintValues(plot, preview);
  };
  return { title, height: PANEL, paint };
}
