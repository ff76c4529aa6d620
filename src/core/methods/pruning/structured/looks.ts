import type { Take } from '../../../statistics/take.ts';
import type { ColumnOptions, ColumnScore } from './options.ts';

/** What each score looks at of the rows that the projection multiplies. */
const SCORE_TAKES: Readonly<Record<ColumnScore, readonly Take[]>> = {
  magnitude: [],
  activation: ['norms'],
  fluctuation: ['mean'],
  taylor: ['gradient'],
  fisher: ['gradient'],
  reconstruction: ['moments'],
};

/** What is looked at of the rows X that the projection multiplies, for its score and its compensation. */
export function takesOf({ score, compensation, bias }: ColumnOptions): readonly Take[] {
  const takes = new Set(compensation === 'obs' ? [] : SCORE_TAKES[score]);
  const refits = compensation === 'least-squares' || compensation === 'obs';
  if (refits) takes.add('moments');
  if (compensation === 'mean' || (refits && bias)) takes.add('mean');
  return [...takes];
}

/** Whether the projection gets a bias where it has none. */
export function shiftsBias({ compensation, bias }: ColumnOptions): boolean {
  return compensation === 'mean' || (compensation !== 'none' && bias);
}
