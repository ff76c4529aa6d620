import '../zod-without-eval.ts';
import type { Method } from '../../core/methods/contract.ts';
import { optionsForm } from '../../core/methods/options-form.ts';
import { allMethods } from '../../core/methods/registry.ts';
import { useCatalog, type MethodCard } from './method-card.ts';
import { presetCards } from './preset-cards.ts';

function cardOf({ meta }: Method): MethodCard {
  const { id, family, title, summary, plain, paper, cost, needs, baseline } = meta;
  return {
    ...{ id, family, title, summary, plain, paper, cost, needs, baseline },
    fields: optionsForm(meta),
  };
}

/** Everything the registry knows, as the page shows it. */
export function loadRegistryCards(): void {
  const cards = allMethods().map(cardOf);
  useCatalog.setState({ cards, presets: presetCards() });
}
