import type { Layer } from '../anatomy/types.ts';
import { LatheError } from '../errors/lathe-error.ts';
import { alike, type Labels } from './labels.ts';
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
  /**
   * Members stand in so many equal runs, each of which loses equally many, but its own: query heads that share keys.
   * `members` then counts those of one run, and the whole model's are run·members + member. Default 1.
   */
  readonly strata?: number;
  /** Which columns of its readers' input belong to which member. */
  readonly columns: Labels;
  readonly marks: Marks;
  readonly options: SpreadOptions;
}

/** Whether a group that was found before speaks for these columns, too: blocks share their weights. */
function covers({ marks }: CutGroup, value: string, labels: Labels): boolean {
  const mark = marks.get(value);
  return mark !== undefined && alike(mark.labels, labels);
}

/** The columns that each of `members` holds, ascending. */
export function columnsOf({ columns, members }: CutGroup): readonly (readonly number[])[] {
  const found = Array.from({ length: members }, (): number[] => []);
  columns.forEach((member, column) => found[member]?.push(column));
  return found;
}

/** What cannot be cut: the layer that reads it, and why, in a sentence. */
export interface Skip {
  readonly name: string;
  readonly reason: string;
}

/** What can be cut, and what cannot. */
export interface FoundGroups {
  readonly groups: readonly CutGroup[];
  readonly skipped: readonly Skip[];
}

/** How a group is named and where it is. */
export function readBy(layer: Layer): Pick<CutGroup, 'name' | 'readers' | 'blocks' | 'stack'> {
  return {
    name: layer.name,
    readers: [layer],
    blocks: layer.block === undefined ? [] : [layer.block],
    ...(layer.stack && { stack: layer.stack }),
  };
}

/** What a layer's input columns are, and how to find all that goes with them. */
interface Candidate {
  readonly columns: Labels;
  readonly find: () => CutGroup;
}

/**
 * The groups that layers read, each once: layers behind one set of weights share a group. `candidate` and `find` throw
 * a LatheError with the reason where a layer's input cannot be cut; `sentence` makes a whole sentence of it.
 */
export function collectGroups(
  layers: readonly Layer[],
  sentence: (layer: Layer, reason: string) => string,
  candidate: (layer: Layer) => Candidate,
): FoundGroups {
  const groups: CutGroup[] = [];
  const skipped: Skip[] = [];
  for (const layer of layers) {
    try {
      const { columns, find } = candidate(layer);
      const known = groups.findIndex((group) => covers(group, layer.input, columns));
      if (known >= 0) groups[known] = joinedBy(groups[known], layer);
      else groups.push(find());
    } catch (error) {
      if (!(error instanceof LatheError)) throw error;
      skipped.push({ name: layer.name, reason: sentence(layer, error.message) });
    }
  }
  return { groups, skipped };
}

/** The group with one more layer that reads its members. */
function joinedBy(group: CutGroup, layer: Layer): CutGroup {
  const blocks = layer.block === undefined ? [] : [layer.block];
  return {
    ...group,
    readers: [...group.readers, layer],
    blocks: [...new Set([...group.blocks, ...blocks])],
  };
}
