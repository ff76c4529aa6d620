/** What one holds down while choosing a row. */
export interface Held {
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
}

/**
 * The layers that are chosen after a click on `name`, the shown one last: alone; with Shift all from the anchor to
 * it; with Ctrl or ⌘ one more or less.
 */
export function clicked(
  order: readonly string[],
  chosen: readonly string[],
  anchor: string | undefined,
  name: string,
  held: Held,
): readonly string[] {
  if (held.shiftKey && anchor !== undefined) return between(order, anchor, name);
  if (!held.ctrlKey && !held.metaKey) return [name];
  const others = chosen.filter((other) => other !== name);
  // The last one stays: something is always shown.
  return chosen.includes(name) && others.length > 0 ? others : [...others, name];
}

/** All layers from one to another in the order of the table, the second one last. */
export function between(order: readonly string[], from: string, to: string): readonly string[] {
  const [start, end] = [order.indexOf(from), order.indexOf(to)];
  if (start < 0 || end < 0) return [to];
  const range = order.slice(Math.min(start, end), Math.max(start, end) + 1);
  return start <= end ? range : range.reverse();
}

/** The layer so many rows on, stopping at the ends. */
export function stepped(
  order: readonly string[],
  from: string | undefined,
  by: number,
): string | undefined {
  const at = from === undefined ? -1 : order.indexOf(from);
  return order.at(Math.min(order.length - 1, Math.max(0, at + by)));
}
