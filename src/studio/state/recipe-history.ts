/** The way back from the recipe on the bench, kept in this browser like the recipe itself. */
export interface StoredHistory {
  /** Documents as they were, the oldest first; unchecked, for they come from outside. */
  readonly past: readonly unknown[];
  /** What undo took back, the furthest first. */
  readonly future: readonly unknown[];
}

export const NO_HISTORY: StoredHistory = { past: [], future: [] };

const KEY = 'lathe-recipe-history';

/** So many changes can be taken back after a reload. */
const MOST_ENTRIES = 40;
/** Storage is small, and shared with everything else the page keeps. */
const MOST_CHARACTERS = 250_000;
const REST_MS = 250;

let waiting: StoredHistory | undefined;

/** Stores the newest history, once changes have come to rest or the page goes. */
export function storeHistory(history: StoredHistory): void {
  if (waiting === undefined) {
    setTimeout(write, REST_MS);
    if (typeof addEventListener === 'function') addEventListener('pagehide', write, { once: true });
  }
  waiting = history;
}

function write(): void {
  if (waiting === undefined) return;
  const text = bounded(waiting);
  waiting = undefined;
  try {
    window.localStorage.setItem(KEY, text);
  } catch {
    // Without storage, undo lasts as long as the page.
  }
}

/** The changes nearest to now that fit. */
export function bounded({ past, future }: StoredHistory): string {
  for (let count = MOST_ENTRIES; count > 0; count = Math.floor(count / 2)) {
    const text = JSON.stringify({ past: past.slice(-count), future: future.slice(-count) });
    if (text.length <= MOST_CHARACTERS) return text;
  }
  return JSON.stringify(NO_HISTORY);
}

export function storedHistory(): StoredHistory {
  try {
    const stored: unknown = JSON.parse(window.localStorage.getItem(KEY) ?? '{}');
    return { past: listIn(stored, 'past'), future: listIn(stored, 'future') };
  } catch {
    return NO_HISTORY;
  }
}

function listIn(stored: unknown, key: string): readonly unknown[] {
  const list: unknown =
    typeof stored === 'object' && stored !== null ? Reflect.get(stored, key) : undefined;
  return Array.isArray(list) ? list.slice(-MOST_ENTRIES) : [];
}
