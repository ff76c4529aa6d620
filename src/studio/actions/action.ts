import type { LucideIcon } from 'lucide-react';

/** One thing a user can do: feeds buttons, palette, shortcuts and the help that lists them. */
export interface Action {
  readonly id: string;
  readonly title: string;
  readonly icon: LucideIcon;
  /** In tinykeys' notation: `$mod+Enter`, `Escape`, `1`. */
  readonly shortcut?: string;
  /** `recipe`: ⌘Z takes it back. `none`: there is nothing to take back. */
  readonly undo: 'recipe' | 'none';
  readonly available?: () => boolean;
  readonly perform: () => void | Promise<unknown>;
}

const SYMBOLS: Record<string, string> = { Enter: '↵', Escape: 'Esc', Slash: '/' };

/** `$mod+Shift+z` as people write it: ⇧⌘Z, or Ctrl+Shift+Z elsewhere. */
export function shortcutLabel(shortcut: string, apple = isApple()): string {
  const parts = shortcut.split('+').map((part) => {
    if (part === '$mod') return apple ? '⌘' : 'Ctrl';
    if (part === 'Shift') return apple ? '⇧' : 'Shift';
    return SYMBOLS[part] ?? (part.length === 1 ? part.toUpperCase() : part);
  });
  return apple ? parts.join('') : parts.join('+');
}

function isApple(): boolean {
  return typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.platform);
}
