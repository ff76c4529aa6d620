import { PRESETS } from '../../core/recipe/presets.ts';
import type { PresetCard } from './method-card.ts';

/** Where a beginner starts: careful, small, and lossless in practice. */
const FIRST = ['small-and-safe', 'tiny', 'fp16'];

/** The presets of the engine, the starting points first. */
export function presetCards(): PresetCard[] {
  const cards = PRESETS.map(({ name, title, summary, recipe }) => ({
    id: name,
    title,
    plain: summary,
    recipe,
    first: FIRST.includes(name),
  }));
  return cards.sort((a, b) => order(a) - order(b));
}

function order({ id }: PresetCard): number {
  const at = FIRST.indexOf(id);
  return at < 0 ? FIRST.length : at;
}
