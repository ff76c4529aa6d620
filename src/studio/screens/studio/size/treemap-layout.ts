import { hierarchy, treemap, treemapSquarify } from 'd3-hierarchy';
import type { Size } from '../../../charts/use-size.ts';
import type { SizeGroup, SizePart } from './size-groups.ts';

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface PlacedPart extends Rectangle {
  readonly part: SizePart;
}

export interface PlacedGroup extends Rectangle {
  readonly group: SizeGroup;
  /** There is room for the group's name above its parts. */
  readonly named: boolean;
  readonly parts: readonly PlacedPart[];
}

type Node =
  | { readonly children: readonly Node[] }
  | { readonly group: SizeGroup; readonly children: readonly Node[] }
  | { readonly part: SizePart };

/** Height of the line that names a group. */
export const NAME_HEIGHT = 16;
const LEAST_NAMED = { width: 44, height: 40 } as const;

/**
 * Squarified rectangles whose areas are bytes before, groups around their parts (Bruls, Huizing, van Wijk,
 * "Squarified treemaps", 2000). Larger ones come first, equal ones in the model's order. Depends on bytes before
 * alone: nothing moves while a recipe changes.
 */
export function placeGroups(groups: readonly SizeGroup[], { width, height }: Size): PlacedGroup[] {
  const tree: Node = {
    children: groups.map((group) => ({ group, children: group.parts.map((part) => ({ part })) })),
  };
  const root = hierarchy<Node>(tree, (node) => ('children' in node ? node.children : undefined))
    .sum((node) => ('part' in node ? node.part.before : 0))
    .sort((a, b) => (b.value ?? 0) - (a.value ?? 0));
  const placed = treemap<Node>()
    .tile(treemapSquarify.ratio(1.3))
    .size([width, height])
    .paddingInner((node) => (node.depth === 0 ? 3 : 1))
    .paddingTop((node) => (node.depth === 1 && isNamed(node) ? NAME_HEIGHT : 0))
    .round(true)(root);
  return (placed.children ?? []).flatMap((node) => {
    if (!('group' in node.data)) return [];
    const parts = (node.children ?? []).flatMap((leaf) =>
      'part' in leaf.data ? [{ part: leaf.data.part, ...boxOf(leaf) }] : [],
    );
    return [{ group: node.data.group, named: isNamed(node), parts, ...boxOf(node) }];
  });
}

interface Corners {
  readonly x0?: number;
  readonly x1?: number;
  readonly y0?: number;
  readonly y1?: number;
}

function boxOf({ x0 = 0, x1 = 0, y0 = 0, y1 = 0 }: Corners): Rectangle {
  return { x: x0, y: y0, width: Math.max(0, x1 - x0), height: Math.max(0, y1 - y0) };
}

function isNamed(node: Corners): boolean {
  const { width, height } = boxOf(node);
  return width >= LEAST_NAMED.width && height >= LEAST_NAMED.height;
}

type Direction = 'ArrowLeft' | 'ArrowRight' | 'ArrowUp' | 'ArrowDown';

/** The part one comes to from another by an arrow key: the nearest whose middle lies that way. */
export function neighbourOf(
  places: readonly PlacedPart[],
  from: PlacedPart,
  direction: Direction,
): PlacedPart | undefined {
  const horizontal = direction === 'ArrowLeft' || direction === 'ArrowRight';
  const sign = direction === 'ArrowLeft' || direction === 'ArrowUp' ? -1 : 1;
  const distance = (place: PlacedPart): number => {
    const [dx, dy] = [middle(place).x - middle(from).x, middle(place).y - middle(from).y];
    const [along, across] = horizontal ? [sign * dx, dy] : [sign * dy, dx];
    return along > 0.5 ? along + 2 * Math.abs(across) : Infinity;
  };
  const best = places.reduce((a, b) => (distance(b) < distance(a) ? b : a), from);
  return best === from ? undefined : best;
}

function middle({ x, y, width, height }: Rectangle): { x: number; y: number } {
  return { x: x + width / 2, y: y + height / 2 };
}
