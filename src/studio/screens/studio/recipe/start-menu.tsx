import { useId, useMemo, type KeyboardEvent } from 'react';
import type { Recipe } from '../../../../core/recipe/types.ts';
import { formatBytes } from '../../../format/format.ts';
import { useCatalog } from '../../../recipe/method-card.ts';
import { loadRecipe, useRecipe } from '../../../state/recipe-store.ts';
import { useShelf } from '../../../state/shelf.ts';
import { recipe as words, start } from '../../../strings/en-recipe.ts';
import popup from '../../../ui/popup.module.css';
import { OwnRecipe } from './own-recipe.tsx';
import { SaveAs } from './save-as.tsx';
import { forThisBench, withBenchSeed } from './use-first-recipe.ts';
import { useSizes, type Sizes } from './use-sizes.ts';
import styles from './start-menu.module.css';

/** What of the menu is taken to the bench by a press. */
export interface Start {
  readonly title: string;
  readonly plain?: string;
  readonly recipe: Recipe;
}

/** Everything a recipe can start from, with its size on the open model, and a place to keep the one on the bench. */
export function StartMenu({ onDone }: { onDone: () => void }) {
  const presets = useCatalog((state) => state.presets);
  const own = useShelf((state) => state.recipes);
  const starts = useMemo(
    () => ({
      presets: presets.map(({ title, plain, recipe }) => ({
        title,
        plain,
        recipe: withBenchSeed(recipe),
      })),
      own: own.map(({ name, recipe }) => ({ title: name, recipe: forThisBench(recipe) })),
    }),
    [presets, own],
  );
  const all = useMemo(
    () => [...starts.presets, ...starts.own].map(({ recipe }) => recipe),
    [starts],
  );
  const sizes = useSizes(all);
  const take = ({ recipe }: Start): void => {
    loadRecipe(recipe);
    onDone();
  };
  return (
    <div onKeyDown={walk} role="presentation">
      <h3 className={popup.heading}>{start.presets}</h3>
      <ul>
        {starts.presets.map((entry) => (
          <li key={entry.title}>
            <TakeButton entry={entry} sizes={sizes} onTake={take} />
          </li>
        ))}
      </ul>
      <h3 className={popup.heading}>{start.own}</h3>
      {own.length === 0 && <p className={styles.none}>{start.none}</p>}
      <ul>
        {starts.own.map((entry) => (
          <OwnRecipe key={entry.title} name={entry.title}>
            <TakeButton entry={entry} sizes={sizes} onTake={take} />
          </OwnRecipe>
        ))}
      </ul>
      <SaveAs />
    </div>
  );
}

interface TakeButtonProps {
  readonly entry: Start;
  readonly sizes: Sizes;
  readonly onTake: (entry: Start) => void;
}

function TakeButton({ entry, sizes, onTake }: TakeButtonProps) {
  const id = useId();
  const { title, plain, recipe } = entry;
  const current = useRecipe((state) => state.name) === recipe.name;
  const size = sizes.get(recipe);
  return (
    <button
      type="button"
      data-take
      className={styles.take}
      aria-labelledby={`${id}t`}
      aria-describedby={`${id}s ${id}p`}
      aria-current={current ? 'true' : undefined}
      title={plain}
      onClick={() => onTake(entry)}
    >
      <span id={`${id}t`} className={styles.name}>
        {title}
      </span>
      <span id={`${id}s`} className={styles.size}>
        {size && `${size.atMost ? `${words.atMost} ` : ''}${formatBytes(size.bytes)}`}
        {!size && (sizes.has(recipe) ? '–' : '…')}
      </span>
      {plain !== undefined && <small id={`${id}p`}>{plain}</small>}
    </button>
  );
}

/** Arrow keys go from recipe to recipe, as in every menu. */
function walk(event: KeyboardEvent<HTMLElement>): void {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (by === undefined || event.target instanceof HTMLInputElement) return;
  event.preventDefault();
  const all = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-take]')];
  const at = all.findIndex((button) => button === document.activeElement);
  all.at((at + by + all.length) % all.length)?.focus();
}
