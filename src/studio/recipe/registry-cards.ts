import '../zod-without-eval.ts';
import { allMetas } from '../../core/methods/catalog.ts';
import { decidedOptions, optionsForm } from '../../core/methods/options-form.ts';
import { restoreRecipe } from '../state/recipe-store.ts';
import { useCatalog } from './method-card.ts';
import { presetCards } from './preset-cards.ts';
import { storedRecipe } from './stored-recipe.ts';

/** What the editor needs before it renders: every method and preset there is, and the recipe of the last visit. */
export async function loadRegistryCards(): Promise<void> {
  const cards = allMetas().map((meta) => ({
    ...meta,
    fields: optionsForm(meta),
    decided: decidedOptions(meta),
  }));
  useCatalog.setState({ cards, presets: presetCards() });
  await restoreRecipe(storedRecipe);
}
