import { create } from 'zustand';
import { EMPTY_SHELF, readShelf, shelfText, type Shelf } from '../recipe/named-recipes.ts';

const KEY = 'lathe-recipes';
/** The model that the bench was last used on, by hash. */
const MODEL_KEY = 'lathe-bench-model';

/** The user's own recipes. Loaded with the editor: the schema that checks them comes with it. */
export const useShelf = create<Shelf>()(() => readShelf(stored(KEY)));

/** Changes the shelf; false when this browser keeps nothing. */
export function changeShelf(change: (shelf: Shelf) => Shelf): boolean {
  const shelf = change(useShelf.getState());
  useShelf.setState({ ...EMPTY_SHELF, preferred: undefined, ...shelf }, true);
  return store(KEY, shelfText(shelf));
}

/** Whether this model is another one than the bench was last used on, and from now on is not. */
export function isNewModel(sha256: string): boolean {
  const last = stored(MODEL_KEY);
  if (last === sha256) return false;
  store(MODEL_KEY, sha256);
  return true;
}

function stored(key: string): string | null {
  try {
    return window.localStorage.getItem(key);
  } catch {
    return null;
  }
}

function store(key: string, text: string): boolean {
  try {
    window.localStorage.setItem(key, text);
    return true;
  } catch {
    return false;
  }
}
