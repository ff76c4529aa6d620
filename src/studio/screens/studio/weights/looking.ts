import { create } from 'zustand';
import type { Crop, Entry } from '../../../../../workers/protocol.ts';
import { cropAt, cropWith, type Extent } from './crop.ts';

interface Looking {
  /** The layer that the rest is about. */
  readonly layer?: string;
  /** The weight that is picked: its block is pictured. */
  readonly entry: Entry;
  /** First row and column of the maps. */
  readonly origin: Entry;
}

const START: Entry = { row: 0, column: 0 };

/** Where in a layer one looks; another layer is looked at from its start. */
export const useLooking = create<Looking>()(() => ({ entry: START, origin: START }));

export function lookingAt({ layer, entry, origin }: Looking, name: string | undefined) {
  return layer === name ? { entry, origin } : { entry: START, origin: START };
}

/** Picks a weight, and moves the maps so that it is in them. */
export function pick(layer: string, entry: Entry, shown: Crop, extent: Extent): void {
  const { rows, columns } = cropWith(entry, shown, extent);
  useLooking.setState({ layer, entry, origin: { row: rows.from, column: columns.from } });
}

/** Moves the maps so that a place is in their middle, and picks that weight. */
export function moveTo(layer: string, entry: Entry, extent: Extent): void {
  const { rows, columns } = cropAt(entry, extent);
  useLooking.setState({ layer, entry, origin: { row: rows.from, column: columns.from } });
}
