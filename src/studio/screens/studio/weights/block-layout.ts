import type { BlockGrid, BlockPicture } from '../../../../../workers/protocol.ts';

/** Where the weights of a block are drawn, in CSS pixels. */
export interface BlockLayout {
  readonly x: (value: number) => number;
  /** Ends of the axis, symmetric about zero. */
  readonly extent: number;
  /** x, y of every weight before, in the upper half. */
  readonly before: Float32Array;
  /** And after, in stacks in the lower half; absent where nothing is done. */
  readonly after?: Float32Array;
  /** Base lines of the two halves. */
  readonly floors: readonly [number, number];
  readonly radius: number;
}

/** Room for the key above and for values below. */
export const MARGIN = { top: 16, bottom: 34, side: 12 } as const;

/** The grid may reach so much further than the weights, and no further is drawn. */
const FURTHEST = 3;

export function layoutOf(block: BlockPicture, width: number, height: number): BlockLayout {
  const extent = extentOf(block);
  const middle = width / 2;
  const scale = extent > 0 ? (middle - MARGIN.side) / extent : 0;
  const x = (value: number): number => middle + value * scale;
  const room = height - MARGIN.top - MARGIN.bottom;
  const floors = [MARGIN.top + room * 0.4, height - MARGIN.bottom] as const;
  const radius = Math.max(1.5, Math.min(5, width / block.before.length / 4));
  const tops = [MARGIN.top + radius, floors[0] + room * 0.16];
  const place = (values: Float32Array, half: 0 | 1): Float32Array =>
    stacked(values.map(x), radius, floors[half] - radius, tops[half]);
  return {
    ...{ x, extent, floors, radius },
    before: place(block.before, 0),
    ...(block.after && { after: place(block.after, 1) }),
  };
}

/** The axis stays while the bits move: it follows the weights, and the grid only where that reaches further. */
function extentOf({ before, grid }: BlockPicture): number {
  const largest = largestOf(before);
  const reach = grid === undefined ? 0 : largestOf(grid.levels);
  return Math.max(largest, Math.min(reach, largest === 0 ? reach : FURTHEST * largest));
}

function largestOf(values: Float32Array): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

/** Dots at these x, side by side where there is room, else on top of each other up to `top`. Pairs x, y. */
function stacked(xs: Float32Array, radius: number, floor: number, top: number): Float32Array {
  const columns = new Map<number, number[]>();
  xs.forEach((x, i) => {
    const column = Math.round(x / (2 * radius));
    columns.set(column, [...(columns.get(column) ?? []), i]);
  });
  const highest = Math.max(1, ...[...columns.values()].map(({ length }) => length));
  const step = Math.min(2 * radius, (floor - top) / Math.max(1, highest - 1));
  const places = new Float32Array(2 * xs.length);
  for (const column of columns.values())
    column.forEach((i, n) => {
      places[2 * i] = xs[i];
      places[2 * i + 1] = floor - n * step;
    });
  return places;
}

/** The values to write below the axis: all where they have room, else the ends and zero. */
export function labelledLevels(grid: BlockGrid, { x }: BlockLayout, room: number): number[] {
  const order = [...grid.levels.keys()].sort((a, b) => grid.levels[a] - grid.levels[b]);
  const gaps = order.slice(1).map((code, i) => x(grid.levels[code]) - x(grid.levels[order[i]]));
  return gaps.every((gap) => gap >= room) ? order : [];
}

/** How many weights went to the value of the grid that is nearest to them. */
export function nearestCount({ before, after, grid }: BlockPicture): number {
  if (after === undefined || grid === undefined) return 0;
  const { levels } = grid;
  return before.reduce((count, value, i) => {
    const nearest = levels.reduce(
      (best, level) => Math.min(best, Math.abs(level - value)),
      Infinity,
    );
    // A float32 step: the middle between two values belongs to both.
    const tolerance = 2 ** -20 * Math.abs(grid.scale);
    return count + (Math.abs(after[i] - value) <= nearest + tolerance ? 1 : 0);
  }, 0);
}
