import type { CutGroup } from '../../../cuts/group.ts';

/** A number of a list with its comma; blocks have fewer than 10 000 of their kind. */
const PLACE = '9999,'.length;

/** What lists of so many places together take in a recipe, at most, under these names. */
export function placesBytes(names: readonly string[], places: number): number {
  const empty = names.map((name) => `"${name}":[],`.length);
  return empty.reduce((a, b) => a + b, PLACE * places);
}

/** What a width for each group takes in a recipe, at most. */
export function widthsBytes(groups: readonly CutGroup[]): number {
  const widths = Object.fromEntries(groups.map(({ name, members }) => [name, members]));
  return new TextEncoder().encode(JSON.stringify({ widths })).length;
}
