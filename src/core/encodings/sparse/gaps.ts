/** Widths of a gap: a byte, and the bits above it. */
export type GapBits = 8 | 9 | 10 | 12 | 16;

const WIDTHS: readonly GapBits[] = [8, 9, 10, 12, 16];

/** Gaps up to so many times the mean one fit: of positions that lie at random, e⁻⁵ = 0.7 % are farther apart. */
const ROOM = 5;

/** The bits of a gap with which `keep` of `count` entries are stored; 16 where they lie farther apart than that. */
export function gapBitsFor(keep: number, count: number): GapBits {
  return WIDTHS.find((bits) => 2 ** bits > (ROOM * count) / keep) ?? 16;
}

/** The largest gap that fits. */
export function largestGap(bits: GapBits): number {
  return 2 ** bits - 1;
}

/** Bits above the lowest byte; none where a byte is enough. */
export function highBits(bits: GapBits): 0 | 1 | 2 | 4 | 8 {
  return (bits - 8) as 0 | 1 | 2 | 4 | 8;
}

/** gap[0] = p[0], gap[i] = p[i] − p[i−1] of ascending positions, in two planes of bytes. */
export function gapsOf(positions: Int32Array): {
  readonly low: Uint8Array;
  readonly high: Uint8Array;
} {
  const low = new Uint8Array(positions.length);
  const high = new Uint8Array(positions.length);
  let before = 0;
  positions.forEach((position, i) => {
    const gap = position - before;
    low[i] = gap & 255;
    high[i] = gap >> 8;
    before = position;
  });
  return { low, high };
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
