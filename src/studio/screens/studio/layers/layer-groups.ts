import type { Layer } from '../../../../core/anatomy/types.ts';
import { shortNames } from '../../../format/short-names.ts';
import { layers as t } from '../../../strings/en-layers.ts';
import { size } from '../../../strings/en-size.ts';
import type { LayerRow } from './layer-rows.ts';

/** Rows of one block, or of what stands around the blocks. */
export interface LayerGroup {
  readonly id: string;
  readonly title: string;
  readonly rows: readonly LayerRow[];
  readonly totals: Totals;
}

export interface Totals {
  readonly bytesBefore: number;
  readonly bytesAfter: number;
  /** Of one weight on average; a weight that several layers share counts once. */
  readonly bits: number;
}

/** Rows by block, in the order in which the model has them. */
export function groupRows(rows: readonly LayerRow[]): LayerGroup[] {
  const both = new Set(rows.flatMap(({ layer }) => layer.stack ?? [])).size > 1;
  const found = new Map<string, LayerRow[]>();
  for (const row of rows) {
    const id = groupId(row.layer);
    found.set(id, [...(found.get(id) ?? []), row]);
  }
  return [...found].map(([id, list]) => ({
    id,
    title: groupTitle(list[0].layer, both),
    rows: list,
    totals: totalsOf(list),
  }));
}

function groupId({ block, group }: Layer): string {
  if (block !== undefined) return `block ${block}`;
  return group === 'embedding' || group === 'output-head' ? group : 'other';
}

function groupTitle({ block, stack = 'decoder', group }: Layer, both: boolean): string {
  if (block !== undefined) return both ? size.stackBlock(stack, block) : size.block(block);
  return group === 'embedding' || group === 'output-head' ? t.group[group] : t.group.other;
}

export function totalsOf(rows: readonly LayerRow[]): Totals {
  const sum = (value: (row: LayerRow) => number): number =>
    rows.reduce((total, row) => total + value(row), 0);
  const bytesAfter = sum((row) => row.bytesAfter);
  // A weight that is stored once for two layers takes no bytes in the second: it is no weight of 0 bits.
  const weights = sum(({ layer, bytesAfter: own }) =>
    own > 0 ? layer.outFeatures * layer.inFeatures : 0,
  );
  return {
    bytesBefore: sum((row) => row.bytesBefore),
    bytesAfter,
    bits: weights > 0 ? (bytesAfter * 8) / weights : 0,
  };
}

/** One line of the table: a group's, or a layer's with the name it has there. */
export type Line =
  | {
      readonly kind: 'group';
      readonly id: string;
      readonly group: LayerGroup;
      readonly folded: boolean;
    }
  | { readonly kind: 'layer'; readonly id: string; readonly row: LayerRow; readonly short: string };

/** Groups with the layers of those that are not folded. */
export function groupedLines(groups: readonly LayerGroup[], folded: ReadonlySet<string>): Line[] {
  const short = shortNames(groups.map(({ rows }) => rows.map(({ name }) => name)));
  return groups.flatMap((group): Line[] => [
    { kind: 'group', id: group.id, group, folded: folded.has(group.id) },
    ...(folded.has(group.id) ? [] : layerLines(group.rows, short)),
  ]);
}

/** One list without groups, as it is sorted. */
export function flatLines(rows: readonly LayerRow[], all: readonly LayerRow[]): Line[] {
  return layerLines(rows, shortNames([all.map(({ name }) => name)]));
}

function layerLines(rows: readonly LayerRow[], short: ReadonlyMap<string, string>): Line[] {
  return rows.map((row) => ({
    kind: 'layer',
    id: `layer ${row.name}`,
    row,
    short: short.get(row.name) ?? row.name,
  }));
}
