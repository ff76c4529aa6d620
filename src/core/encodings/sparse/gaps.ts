/** Widths of a gap: a byte, a byte and the bits above it apart, or two bytes. */
export type GapBits = 8 | 9 | 10 | 12 | 16;

const WIDTHS: readonly GapBits[] = [8, 9, 10, 12, 16];

/** Bytes of the nodes that put a byte and the bits above it together, roughly. */
const JOINING = 600;

/** Gaps up to so many times the mean one fit: of positions that lie at random, e⁻⁵ = 0.7 % are farther apart. */
const ROOM = 5;

/**
 * The bits of a gap with which `keep` of `count` entries are stored in the fewest bytes; 16 where they lie so far apart, and where
 * they are so few that two bytes each are less than the nodes that read fewer bits.
 */
export function gapBitsFor(keep: number, count: number): GapBits {
  const bits = WIDTHS.find((width) => 2 ** width > (ROOM * count) / keep) ?? 16;
  return bits > 8 && (keep * (16 - bits)) / 8 < JOINING ? 16 : bits;
}

/** The largest gap that fits. */
export function largestGap(bits: GapBits): number {
  return 2 ** bits - 1;
}

/** Bits that are stored apart from the lowest byte; none where gaps are whole bytes. */
export function highBits(bits: GapBits): 0 | 1 | 2 | 4 {
  switch (bits) {
    case 9:
      return 1;
    case 10:
      return 2;
    case 12:
      return 4;
    default:
      return 0;
  }
}

/** gap[0] = p[0], gap[i] = p[i] − p[i−1] of ascending positions. */
export function gapsOf(positions: Int32Array): Uint16Array<ArrayBuffer> {
  return Uint16Array.from(positions, (position, i) => position - (i > 0 ? positions[i - 1] : 0));
}

/**
 * The first of `ranked` positions (most important first, no two equal) and, wherever two would lie farther apart than a gap can
 * say, one as far as it can: exactly `keep` ascending positions, as many of `ranked` as possible among them. Positions before the
 * first count as one at 0. Needs `ranked.length ≥ keep` and `keep · largest ≥ count`.
 */
export function withinReach(
  ranked: Int32Array,
  keep: number,
  largest: number,
): Int32Array<ArrayBuffer> {
  // WHY a search: with one more of them the bridges stay as many or one fewer is needed, so the total never falls.
  let [enough, tooMany] = [0, keep + 1];
  while (tooMany - enough > 1) {
    const middle = (enough + tooMany) >> 1;
    if (bridged(ranked, middle, largest).length <= keep) enough = middle;
    else tooMany = middle;
  }
  return bridged(ranked, enough, largest);
}

function bridged(ranked: Int32Array, count: number, largest: number): Int32Array<ArrayBuffer> {
  const chosen = ranked.slice(0, count).sort();
  const all: number[] = [];
  let before = 0;
  for (const position of chosen) {
    while (position - before > largest) all.push((before += largest));
    all.push(position);
    before = position;
  }
  return Int32Array.from(all);
}
