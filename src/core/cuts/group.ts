import type { Layer } from '../anatomy/types.ts';
import { repeated, sameLabels, type Labels } from './labels.ts';
import type { Marks, SpreadOptions } from './spread.ts';

/**
 * Members (neurons, heads, key/value heads) that can go one by one, with everything of the graph that has to go along.
 * It does not say which ones go nor how many, so it is found once for each graph.
 */
export interface CutGroup {
  /** Names it in maps: the first layer that reads its members. */
  readonly name: string;
  /** The layers whose input columns the members are: down projections, output projections. */
  readonly readers: readonly Layer[];
  /** The layers' blocks: several where blocks share their weights. */
  readonly blocks: readonly number[];
  readonly stack?: 'encoder' | 'decoder';
  readonly members: number;
  /** Which columns of its readers' input belong to which member. */
  readonly columns: Labels;
  readonly marks: Marks;
  readonly options: SpreadOptions;
}

/** Whether a new start is covered by a group that was found before, which then speaks for it, too. */
export function covers({ marks }: Pick<CutGroup, 'marks'>, value: string, labels: Labels): boolean {
  const mark = marks.get(value);
  if (mark === undefined) return false;
  const length = Math.max(mark.labels.length, labels.length);
  return sameLabels(repeated(mark.labels, length), repeated(labels, length));
}

/** The columns that each of `members` holds, ascending. */
export function columnsOf({ columns, members }: CutGroup): readonly (readonly number[])[] {
  const found = Array.from({ length: members }, (): number[] => []);
  columns.forEach((member, column) => found[member]?.push(column));
  return found;
}
