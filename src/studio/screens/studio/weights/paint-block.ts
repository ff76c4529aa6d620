import type { BlockGrid, BlockPicture } from '../../../../../workers/protocol.ts';
import { enWeights as t } from '../../../strings/en-weights.ts';
import { labelledLevels, MARGIN, type BlockLayout } from './block-layout.ts';
import { numberText } from './number-text.ts';
import type { Palette } from './palette.ts';

/** Room that a value below the axis needs, in pixels. */
const LABEL = 58;
/** And the number of a code. */
const CODE = 20;
const TURN = 2 * Math.PI;

interface Scene {
  readonly context: CanvasRenderingContext2D;
  readonly block: BlockPicture;
  readonly layout: BlockLayout;
  /** Where the weights are after, perhaps on their way. */
  readonly after?: Float32Array;
  /** The weight that is picked, of those drawn. */
  readonly picked: number;
  readonly palette: Palette;
  readonly width: number;
  readonly height: number;
}

/** Weights as dots, before above and after below, each joined with itself; the values of the grid as lines. */
export function paintBlock(scene: Scene): void {
  const { context, block, palette } = scene;
  context.font = palette.font;
  if (block.grid) paintGrid(scene, block.grid);
  paintFloors(scene);
  if (scene.after) paintPaths(scene, scene.after);
  paintDots(scene, scene.layout.before, (i) => ({ fill: i === scene.picked }));
  if (scene.after) paintAfter(scene, scene.after);
  paintAxis(scene);
}

function paintGrid(
  { context, layout, palette, height, width }: Scene,
  { levels }: BlockGrid,
): void {
  const spacing = width / levels.length;
  context.fillStyle = palette.accent;
  context.globalAlpha = spacing > 24 ? 0.7 : spacing > 6 ? 0.4 : spacing > 2 ? 0.18 : 0.1;
  for (const level of levels) {
    const x = Math.round(layout.x(level));
    if (x >= 0 && x <= width)
      context.fillRect(x, MARGIN.top, 1, height - MARGIN.bottom - MARGIN.top);
  }
  context.globalAlpha = 1;
}

function paintFloors({ context, layout, palette, width, after }: Scene): void {
  context.fillStyle = palette.line;
  for (const floor of layout.floors) context.fillRect(0, Math.round(floor), width, 1);
  context.fillStyle = palette.text3;
  context.textAlign = 'left';
  context.fillText(t.weightsBefore, 0, 10);
  if (after) context.fillText(t.weightsAfter, 0, layout.floors[0] + 14);
}

function paintPaths({ context, layout, palette, picked }: Scene, after: Float32Array): void {
  const { before } = layout;
  for (let i = 0; i < before.length / 2; i += 1) {
    context.beginPath();
    context.moveTo(before[2 * i], before[2 * i + 1]);
    context.lineTo(after[2 * i], after[2 * i + 1]);
    context.strokeStyle = i === picked ? palette.text : palette.text3;
    context.globalAlpha = i === picked ? 1 : 0.35;
    context.lineWidth = i === picked ? 1.5 : 1;
    context.stroke();
  }
  context.globalAlpha = 1;
}

/** Before as rings, so that before and after are told apart without colour. */
function paintDots(
  { context, layout, palette }: Scene,
  places: Float32Array,
  look: (i: number) => { fill: boolean },
): void {
  context.lineWidth = 1;
  context.strokeStyle = palette.text;
  context.fillStyle = palette.text;
  for (let i = 0; i < places.length / 2; i += 1) {
    context.beginPath();
    context.arc(places[2 * i], places[2 * i + 1], layout.radius - 0.5, 0, TURN);
    if (look(i).fill) context.fill();
    context.stroke();
  }
}

/** After as discs; what was set to zero where there is no grid as crosses. */
function paintAfter(
  { context, layout, palette, block, picked }: Scene,
  places: Float32Array,
): void {
  const { radius } = layout;
  for (let i = 0; i < places.length / 2; i += 1) {
    const [x, y] = [places[2 * i], places[2 * i + 1]];
    const color = i === picked ? palette.text : palette.accent;
    context.fillStyle = color;
    context.strokeStyle = color;
    if (isCleared(block, i)) cross(context, x, y, radius);
    else {
      context.beginPath();
      context.arc(x, y, radius, 0, TURN);
      context.fill();
    }
  }
}

function isCleared({ grid, before, after }: BlockPicture, i: number): boolean {
  return grid === undefined && after?.[i] === 0 && before[i] !== 0;
}

function cross(context: CanvasRenderingContext2D, x: number, y: number, radius: number): void {
  context.lineWidth = 1.5;
  context.beginPath();
  context.moveTo(x - radius, y - radius);
  context.lineTo(x + radius, y + radius);
  context.moveTo(x - radius, y + radius);
  context.lineTo(x + radius, y - radius);
  context.stroke();
}

/** Below the axis the values and their codes: each where it has room; at least the ends and zero. */
function paintAxis(scene: Scene): void {
  const { context, block, layout, palette, width, height } = scene;
  const { grid } = block;
  const valued = grid ? labelledLevels(grid, layout, LABEL) : [];
  context.textAlign = 'center';
  if (grid === undefined || valued.length === 0) paintEnds(scene);
  if (grid === undefined) return;
  const label = (text: string, at: number, y: number): void => {
    const half = context.measureText(text).width / 2;
    context.fillText(text, Math.max(half, Math.min(width - half, layout.x(at))), y);
  };
  context.fillStyle = palette.text;
  for (const code of valued) label(numberText(grid.levels[code]), grid.levels[code], height - 20);
  context.fillStyle = palette.text3;
  for (const code of labelledLevels(grid, layout, CODE)) {
    label(valued.length > 0 ? `${t.code} ${code}` : String(code), grid.levels[code], height - 6);
  }
}

function paintEnds({ context, layout, palette, width, height }: Scene): void {
  context.fillStyle = palette.text3;
  const end = numberText(layout.extent);
  context.textAlign = 'left';
  context.fillText(`−${end}`, 0, height - 20);
  context.textAlign = 'right';
  context.fillText(end, width, height - 20);
  context.textAlign = 'center';
  context.fillText('0', width / 2, height - 20);
}
