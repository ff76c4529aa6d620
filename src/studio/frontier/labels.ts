export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Something on the chart that wants a name beside it; in pixels. */
export interface Named {
  readonly id: string;
  readonly x: number;
  readonly y: number;
  /** Width of its name. */
  readonly width: number;
  /** `above` the axis it stands on, or `beside` it and nowhere else; unset: anywhere round it. */
  readonly where?: 'above' | 'beside';
  /** Where its name may stand, if not anywhere. */
  readonly within?: Box;
  /** Named even where its name covers a mark. */
  readonly must?: boolean;
}

/** Where the text starts (or ends) relative to what it names: its baseline. */
export interface LabelPlace {
  readonly dx: number;
  readonly dy: number;
  readonly anchor: 'start' | 'middle' | 'end';
}

/** Above and below the baseline, of 11 px text. */
const ASCENT = 10;
const DESCENT = 3;

/** Places round a point, the most natural first. */
const AROUND: readonly LabelPlace[] = [
  { dx: 10, dy: -8, anchor: 'start' },
  { dx: -10, dy: -8, anchor: 'end' },
  { dx: 10, dy: 16, anchor: 'start' },
  { dx: -10, dy: 16, anchor: 'end' },
  { dx: 12, dy: 4, anchor: 'start' },
  { dx: -12, dy: 4, anchor: 'end' },
  { dx: 0, dy: -14, anchor: 'middle' },
  { dx: 0, dy: 22, anchor: 'middle' },
  { dx: 10, dy: -22, anchor: 'start' },
  { dx: -10, dy: -22, anchor: 'end' },
  { dx: 10, dy: 30, anchor: 'start' },
  { dx: -10, dy: 30, anchor: 'end' },
];

/** Places beside a mark on the axis: never below it, where the numbers are. */
const ABOVE: readonly LabelPlace[] = [-4, -18, -32, -46].flatMap((dy) => [
  { dx: 9, dy, anchor: 'start' as const },
  { dx: -9, dy, anchor: 'end' as const },
]);

/** Places in line with a mark: of a strip that is as high as a text. */
const BESIDE: readonly LabelPlace[] = [
  { dx: 13, dy: 4, anchor: 'start' },
  { dx: -13, dy: 4, anchor: 'end' },
];

/** Between two names in one line: closer they read as one word. */
const APART = 6;

function candidates({ where }: Named): readonly LabelPlace[] {
  if (where === 'above') return ABOVE;
  return where === 'beside' ? BESIDE : AROUND;
}

/**
 * A place for each name, in their order, that covers no obstacle, no name placed before, and stays inside; if
 * it can be, one that no line runs through. Names for which there is none are missing from the answer: better
 * none than two on top of each other.
 */
export function placeLabels(
  names: readonly Named[],
  obstacles: readonly Box[],
  lines: readonly Box[],
  area: Box,
): Map<string, LabelPlace> {
  const taken = [...obstacles];
  const places = new Map<string, LabelPlace>();
  for (const name of names) {
    const fitting = candidates(name).filter((candidate) =>
      inside(boxOf(name, candidate), name.within ?? area),
    );
    const possible = fitting.filter((candidate) => {
      const box = boxOf(name, candidate);
      return !taken.some((other) => overlap(box, other));
    });
    const free = possible.find((candidate) => {
      const box = boxOf(name, candidate);
      return !lines.some((line) => overlap(box, line));
    });
    const place = free ?? possible.at(0) ?? (name.must === true ? fitting.at(0) : undefined);
    if (place === undefined) continue;
    places.set(name.id, place);
    const { left, right, ...rest } = boxOf(name, place);
    taken.push({ ...rest, left: left - APART, right: right + APART });
  }
  return places;
}

export function boxOf({ x, y, width }: Named, { dx, dy, anchor }: LabelPlace): Box {
  const shift = { start: 0, middle: width / 2, end: width }[anchor];
  const left = x + dx - shift;
  return { left, top: y + dy - ASCENT, right: left + width, bottom: y + dy + DESCENT };
}

function inside(box: Box, area: Box): boolean {
  return (
    box.left >= area.left &&
    box.right <= area.right &&
    box.top >= area.top &&
    box.bottom <= area.bottom
  );
}

export function overlap(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}
