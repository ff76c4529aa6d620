import { create } from 'zustand';

const ASKED = 'lathe-asked-to-keep';

/** Whether the browser promised to keep what is stored; unknown until it was looked at. */
export const usePersistence = create<{ readonly promised?: boolean }>()(() => ({}));

type Storage = Pick<StorageManager, 'persist' | 'persisted'>;

function here(): Storage | undefined {
  return typeof navigator === 'undefined' ? undefined : navigator.storage;
}

/** Asks the browser to keep trials for good, once: some show a question. */
export async function askToKeep(storage = here()): Promise<void> {
  if (storage === undefined || isAsked()) return;
  remember();
  const promised = (await storage.persisted()) || (await storage.persist());
  usePersistence.setState({ promised });
}

/** What the browser answered, at this visit or before. */
export async function lookAtPromise(storage = here()): Promise<void> {
  if (storage === undefined) return;
  usePersistence.setState({ promised: await storage.persisted() });
}

let asked = false;

/** Where nothing can be remembered, once a visit. */
function isAsked(): boolean {
  try {
    return asked || localStorage.getItem(ASKED) !== null;
  } catch {
    return asked;
  }
}

function remember(): void {
  asked = true;
  try {
    localStorage.setItem(ASKED, 'yes');
  } catch {
    // A browser that keeps nothing at all.
  }
}
