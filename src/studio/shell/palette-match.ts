import type { LucideIcon } from 'lucide-react';

/** One line of the palette, whatever it stands for. */
export interface PaletteEntry {
  readonly id: string;
  /** What kind of thing it is, in front of its name: "Sample", "Add step". */
  readonly kind?: string;
  readonly title: string;
  readonly icon: LucideIcon;
  readonly shortcut?: string;
  readonly perform: () => unknown;
}

/** Lines on screen at once: a model may have a thousand layers. */
const MOST = 60;

/**
 * Lines that hold all words of a query, those whose name begins with it first. Without one only actions are listed:
 * everything else is found by typing.
 */
export function matching(entries: readonly PaletteEntry[], query: string): readonly PaletteEntry[] {
  const asked = query.trim().toLowerCase();
  if (asked === '') return entries.filter(({ kind }) => kind === undefined);
  const words = asked.split(/\s+/);
  const text = ({ kind = '', title }: PaletteEntry): string => `${kind} ${title}`.toLowerCase();
  const found = entries.filter((entry) => words.every((word) => text(entry).includes(word)));
  const begins = ({ title }: PaletteEntry): number =>
    Number(!title.toLowerCase().startsWith(asked));
  return [...found].sort((a, b) => begins(a) - begins(b)).slice(0, MOST);
}
