import { Download, Pencil, Pin, PinOff, Trash2 } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { exportRecipe } from '../../../flows/export-trial.ts';
import { renamed, withoutRecipe, withPreferred } from '../../../recipe/named-recipes.ts';
import { notify } from '../../../state/notice-store.ts';
import { changeShelf, useShelf } from '../../../state/shelf.ts';
import { start } from '../../../strings/en-recipe.ts';
import { IconButton } from '../../../ui/button.tsx';
import { NameForm } from './name-form.tsx';
import styles from './start-menu.module.css';

/** One recipe of the user's own, with all that can be done to it. */
export function OwnRecipe({ name, children }: { name: string; children: ReactNode }) {
  const [naming, setNaming] = useState(false);
  const preferred = useShelf((state) => state.preferred) === name;
  if (naming) {
    return (
      <li>
        <NameForm
          name={name}
          onName={(to) => {
            changeShelf((shelf) => renamed(shelf, name, to));
            setNaming(false);
          }}
          onCancel={() => setNaming(false)}
        />
      </li>
    );
  }
  return (
    <li className={styles.own}>
      <div>
        {children}
        {preferred && <small>{start.isDefault}</small>}
      </div>
      <IconButton
        icon={preferred ? PinOff : Pin}
        label={start.makeDefault(name)}
        aria-pressed={preferred}
        small
        onClick={() => prefer(preferred ? undefined : name, name)}
      />
      <IconButton icon={Pencil} label={start.rename(name)} small onClick={() => setNaming(true)} />
      <IconButton icon={Download} label={start.export(name)} small onClick={() => take(name)} />
      <IconButton icon={Trash2} label={start.remove(name)} small onClick={() => remove(name)} />
    </li>
  );
}

function prefer(preferred: string | undefined, name: string): void {
  changeShelf((shelf) => withPreferred(shelf, preferred));
  notify(preferred === undefined ? start.noDefault(name) : start.defaultSet(name));
}

function take(name: string): void {
  const found = useShelf.getState().recipes.find((other) => other.name === name);
  if (found !== undefined) void exportRecipe(found.recipe);
}

/** Comes back exactly as it was, the default with it. */
function remove(name: string): void {
  const before = useShelf.getState();
  changeShelf((shelf) => withoutRecipe(shelf, name));
  notify(start.removed(name), {
    action: { label: start.undo, perform: () => void changeShelf(() => before) },
  });
}
