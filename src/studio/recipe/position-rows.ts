import type { Metric } from '../../core/metrics/types.ts';
import type { Trial } from '../../../workers/protocol.ts';
import type { Quality } from '../frontier/quality.ts';
import { benchKey } from '../state/bench.ts';
import type { Position } from './positions.ts';

/** A position, and what was measured of it. */
export interface PositionRow extends Position {
  readonly trial?: string;
  readonly bytes?: number;
  readonly metric?: Metric;
  /** How far it is from the original, as a share of the farthest. */
  readonly share?: number;
}

/** The newest finished trial of each position with its size and quality; nothing of those that were not run. */
export function positionRows(
  positions: readonly Position[],
  trials: readonly Trial[],
  quality: Quality | undefined,
): readonly PositionRow[] {
  const done = trials.filter(({ state }) => state === 'done');
  const rows = positions.map((position): PositionRow & { readonly distance?: number } => {
    const key = benchKey(position.recipe);
    const trial = done.find(({ recipe }) => benchKey(recipe) === key);
    if (trial?.report === undefined) return position;
    const { evaluation, after } = trial.report;
    const metric = quality && evaluation?.compressed[quality.name];
    const original = quality?.ofOriginal ?? (quality && evaluation?.original[quality.name]?.value);
    const far = metric && original !== undefined ? Math.abs(metric.value - original) : undefined;
    return {
      ...{ ...position, trial: trial.id, bytes: after.bytes },
      ...(metric && { metric }),
      ...(far !== undefined && { distance: far }),
    };
  });
  const farthest = Math.max(...rows.map(({ distance = 0 }) => distance));
  return rows.map(({ distance, ...row }) => ({
    ...row,
    ...(distance !== undefined && { share: farthest > 0 ? distance / farthest : 0 }),
  }));
}
