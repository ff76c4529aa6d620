import type { Metric } from '../../core/metrics/types.ts';
import { isShare } from '../format/format.ts';
import type { Quality } from './quality.ts';

/** A metric, and whether its value is drawn or the change to the original. */
export interface Scoring {
  readonly quality: Quality;
  readonly as: 'value' | 'change';
}

/** Whether the metric is a part of a whole: its changes are told in points of a hundred, not in % of a %. */
export function isProportion({ name }: Quality): boolean {
  return isShare(name) || name === 'spanF1';
}

/** What a difference is multiplied by to be a change in points, or in % of the original. */
export function changeFactor(quality: Quality, original: number): number {
  return isProportion(quality) ? 100 : 100 / Math.abs(original);
}

/**
 * Whether a change to the original says something: metrics that compare with the original are one already, and
 * nothing is a percentage of zero.
 */
export function hasChange(quality: Quality, original: Metric | undefined): boolean {
  if (quality.ofOriginal !== undefined || original === undefined) return false;
  return isProportion(quality) || Math.abs(original.value) > 0;
}
