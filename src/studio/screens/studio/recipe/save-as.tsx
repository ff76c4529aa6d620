import { BookmarkPlus } from 'lucide-react';
import { useState } from 'react';
import { withRecipe } from '../../../recipe/named-recipes.ts';
import { notify } from '../../../state/notice-store.ts';
import { currentRecipe, nameRecipe } from '../../../state/recipe-store.ts';
import { changeShelf, useShelf } from '../../../state/shelf.ts';
import { start } from '../../../strings/en-recipe.ts';
import { Button } from '../../../ui/button.tsx';
import { NameForm } from './name-form.tsx';
import styles from './start-menu.module.css';

/** Keeps the recipe on the bench under a name. */
export function SaveAs() {
  const [naming, setNaming] = useState(false);
  const taken = useShelf((state) => state.recipes);
  return (
    <div className={styles.save}>
      {naming ? (
        <NameForm
          name={currentRecipe().name ?? ''}
          note={(name) =>
            taken.some((other) => other.name === name) ? start.replaces(name) : undefined
          }
          onName={(name) => {
            keep(name);
            setNaming(false);
          }}
          onCancel={() => setNaming(false)}
        />
      ) : (
        <Button tone="quiet" icon={BookmarkPlus} onClick={() => setNaming(true)}>
          {start.saveAs}
        </Button>
      )}
    </div>
  );
}

function keep(name: string): void {
  nameRecipe(name);
  const stored = changeShelf((shelf) => withRecipe(shelf, { name, recipe: currentRecipe() }));
  notify(stored ? start.saved(name) : start.notStored, { tone: stored ? 'info' : 'error' });
}
