import '../zod-without-eval.ts';
import { allMetas } from '../../core/methods/catalog.ts';
import { optionsForm } from '../../core/methods/options-form.ts';
import { useCatalog } from './method-card.ts';
import { presetCards } from './preset-cards.ts';

/** Every method and preset there is, as the page shows them. */
export function loadRegistryCards(): void {
  const cards = allMetas().map((meta) => ({ ...meta, fields: optionsForm(meta) }));
  useCatalog.setState({ cards, presets: presetCards() });
}
