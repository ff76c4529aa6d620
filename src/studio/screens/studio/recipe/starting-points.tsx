import { Popover } from '@base-ui/react/popover';
import { ChevronsUpDown } from 'lucide-react';
import { useState } from 'react';
import { useCatalog } from '../../../recipe/method-card.ts';
import { useRecipe } from '../../../state/recipe-store.ts';
import { useShelf } from '../../../state/shelf.ts';
import { start } from '../../../strings/en-recipe.ts';
import { en } from '../../../strings/en.ts';
import { join } from '../../../ui/button.tsx';
import popup from '../../../ui/popup.module.css';
import { StartMenu } from './start-menu.tsx';
import { useFirstRecipe } from './use-first-recipe.ts';
import styles from './start-menu.module.css';

/** Ready recipes and one's own; taking one is undone like any other change. */
export function StartingPoints() {
  const presets = useCatalog((state) => state.presets);
  const [open, setOpen] = useState(false);
  useFirstRecipe();
  if (presets.length === 0) return null;
  return (
    <div className={styles.starts} role="group" aria-label={en.recipe.startingPoints}>
      <Popover.Root open={open} onOpenChange={setOpen}>
        <Popover.Trigger className={join(popup.trigger, styles.trigger)}>
          <span className={popup.value}>
            <small>{start.title}</small> <CurrentName />
          </span>
          <ChevronsUpDown size={12} className={popup.chevron} aria-hidden />
        </Popover.Trigger>
        <Popover.Portal>
          <Popover.Positioner sideOffset={4} align="start" className={popup.layer}>
            <Popover.Popup className={join(popup.popup, styles.menu)} aria-label={start.title}>
              <StartMenu onDone={() => setOpen(false)} />
            </Popover.Popup>
          </Popover.Positioner>
        </Popover.Portal>
      </Popover.Root>
    </div>
  );
}

/** What the recipe on the bench is called, as long as it is the one of that name. */
function CurrentName() {
  const presets = useCatalog((state) => state.presets);
  const name = useRecipe((state) => state.name);
  const own = useShelf(({ recipes }) => recipes.some((other) => other.name === name));
  const preset = own ? undefined : presets.find(({ recipe }) => recipe.name === name);
  return preset?.title ?? name ?? start.changed;
}
