import type { Metric } from '../../../src/core/metrics/types.ts';

/** A file and what it lost. */
export interface Point {
  readonly name: string;
  readonly bytes: number;
  readonly kl: Metric;
}

/** Files differ by names and small tensors: so much more still counts as the same bytes. */
export const SAME = 1.01;

/** The point of least KL that takes no more than these bytes. */
export function bestWithin(points: readonly Point[], bytes: number): Point | undefined {
  return points
    .filter((point) => point.bytes <= bytes)
    .reduce<Point | undefined>(
      (best, point) => (best === undefined || point.kl.value < best.kl.value ? point : best),
      undefined,
    );
}

/** A joint point and the best single one of its bytes; where none is as small, that of the smallest, which takes more. */
export interface Lead {
  readonly joint: Point;
  readonly single: Point;
  /** KL of the joint one over KL of the single one: below 1 it leads. */
  readonly ratio: number;
}

/** Where a joint recipe beats every single method at its bytes by most; undefined where there is nothing to compare. */
export function widestLead(joint: readonly Point[], single: readonly Point[]): Lead | undefined {
  const smallest = Math.min(...single.map(({ bytes }) => bytes));
  const leads = joint.flatMap((point) => {
    const other = bestWithin(single, Math.max(point.bytes * SAME, smallest));
    return other === undefined
      ? []
      : [{ joint: point, single: other, ratio: point.kl.value / other.kl.value }];
  });
  return leads.sort((a, b) => a.ratio - b.ratio).at(0);
}
