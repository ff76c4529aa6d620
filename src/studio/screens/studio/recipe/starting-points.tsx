import { useEffect } from 'react';
import { useCatalog, type PresetCard } from '../../../recipe/method-card.ts';
import { loadRecipe, useRecipe } from '../../../state/recipe-store.ts';
import { en } from '../../../strings/en.ts';
import { Button } from '../../../ui/button.tsx';
import { ChoiceMenu } from '../../../ui/choice-menu.tsx';
import styles from './recipe-column.module.css';

/** Ready recipes; taking one is undone like any other change. */
export function StartingPoints() {
  const presets = useCatalog((state) => state.presets);
  const name = useRecipe((state) => state.name);
  useFirstRecipe(presets);
  const others = presets.filter((preset) => !preset.first);
  if (presets.length === 0) return null;
  const current = others.find((preset) => preset.recipe.name === name)?.id ?? '';
  return (
    <div className={styles.starts} role="group" aria-label={en.recipe.startingPoints}>
      <span>{en.recipe.startFrom}</span>
      {presets
        .filter((preset) => preset.first)
        .map((preset) => (
          <Button key={preset.id} title={preset.plain} onClick={() => take(preset)}>
            {preset.title}
          </Button>
        ))}
      {others.length > 0 && (
        <ChoiceMenu
          label={en.recipe.presets}
          value={current}
          choices={[
            { value: '', label: `${en.recipe.presets}…` },
            ...others.map(({ id, title }) => ({ value: id, label: title })),
          ]}
          onChange={(id) => take(others.find((preset) => preset.id === id))}
        />
      )}
    </div>
  );
}

/** A beginner never faces an empty list: the first visit starts with the careful preset. */
function useFirstRecipe(presets: readonly PresetCard[]): void {
  useEffect(() => {
    const { pastStates, clear } = useRecipe.temporal.getState();
    if (useRecipe.getState().steps.length > 0 || pastStates.length > 0) return;
    take(presets.at(0));
    clear();
  }, [presets]);
}

/** The calibration on the bench stays: it belongs to the data at hand, not to the preset. */
function take(preset: PresetCard | undefined): void {
  if (preset === undefined) return;
  const { calibration, seed } = useRecipe.getState();
  loadRecipe({ ...preset.recipe, seed, calibration: calibration ?? preset.recipe.calibration });
}
