/** How a grid lies about its middle: so many steps to the clip c, and which part of c each side reaches. */
export interface ClipModel {
  /** Steps between the middle and c: a step is c / steps wide. */
  readonly steps: number;
  /** Values above the middle are cut at c · above, those below it at c · below. */
  readonly above: number;
  readonly below: number;
}

/** Weights of one group: values[start, end), how far each lies from `middle`, and what its square counts. */
export interface ClipGroup {
  readonly values: Float32Array;
  readonly start: number;
  readonly end: number;
  readonly middle: number;
  /** m_j of the group's columns; 1 when absent. */
  readonly importance?: Float32Array | undefined;
}

/** More than a convex function of a few hundred pieces ever took. */
const MOST_STEPS = 100;

/** Newton steps and tolerance of OCTAV's reference. */
const OCTAV = { steps: 10, tolerance: 1e-5 };

/**
 * The clip c that minimises E(c) = c²·M/(12·steps²) + Σ_j max(a_j − c·r_j, 0)²·m_j, a_j = |w_j − middle|, M = Σ m_j and r_j
 * what the side of w_j reaches: rounding noise of the diagonal model plus what is cut. E is convex and quadratic between
 * the a_j / r_j, so Newton's steps from 0 rise to the minimum in finitely many, with c = 2·Σ r·a·m / (M/(6·steps²) + 2·Σ r²·m) over the cut
 * ones: the result of the breakpoint scan without sorting. Source: OSCAR (ai-edge-quantizer), whose grid has r = 1.
 */
export function exactClip(group: ClipGroup, { steps, above, below }: ClipModel): number {
  const { values, start, end, middle, importance } = group;
  let mass = importance === undefined ? end - start : 0;
  if (importance !== undefined) for (const m of importance) mass += m;
  const noise = mass / (6 * steps * steps);
  let c = 0;
  for (let step = 0; step < MOST_STEPS; step++) {
    let [cut, slope] = [0, 0];
    for (let i = start; i < end; i++) {
      const away = values[i] - middle;
      const reach = away > 0 ? above : below;
      const size = Math.abs(away);
      if (size <= c * reach) continue;
      const m = importance === undefined ? reach : reach * importance[i - start];
      cut += m * size;
      slope += m * reach;
    }
    const next = (2 * cut) / (noise + 2 * slope);
    if (!(next > c)) break;
    c = next;
  }
  return c;
}

/**
 * OCTAV's clip: c ← Σ_{a ≥ c} a / (4^−bits/3 · n + (1 − 4^−bits/3)·#{a ≥ c}), ten steps at most: as {@link exactClip} without
 * weights, but noise counts where nothing is cut only. Source: Sakr et al. 2022, eq. 6; ai-edge-quantizer.
 */
export function octavClip({ values, start, end, middle }: ClipGroup, bits: number): number {
  const noise = 4 ** -bits / 3;
  const count = end - start;
  let c = 0;
  for (let step = 0; step < OCTAV.steps; step++) {
    let [cut, sum] = [0, 0];
    for (let i = start; i < end; i++) {
      const size = Math.abs(values[i] - middle);
      if (size < c) continue;
      sum += size;
      cut++;
    }
    const next = sum / (noise * count + (1 - noise) * cut);
    const settled = Math.abs(next - c) <= OCTAV.tolerance * next;
    c = next;
    if (settled) break;
  }
  return c;
}
