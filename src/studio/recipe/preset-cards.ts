import type { Recipe, Step } from '../../core/recipe/types.ts';
import type { MethodCard, PresetCard } from './method-card.ts';

const STARTS: readonly PresetCard[] = [
  {
    id: 'safe',
    title: 'Small & safe',
    plain: '8-bit weights, one scale per output: a quarter of the size, hardly a difference.',
    recipe: recipe('q8', {
      method: 'round-to-nearest',
      options: { bits: 8, blockSize: 'channel' },
    }),
    first: true,
  },
  {
    id: 'tiny',
    title: 'Tiny',
    plain: '4-bit weights, rounded so that the layers’ outputs change least (GPTQ).',
    recipe: recipe('q4', { method: 'gptq', options: { bits: 4, blockSize: 32 } }),
    first: true,
  },
  {
    id: 'sparse',
    title: 'Sparse',
    plain: 'Sets half of the weights to zero, least important first (Wanda). Zeros are not bytes.',
    recipe: recipe('wanda50', { method: 'wanda', options: { sparsity: 0.5 } }),
    first: true,
  },
];

function recipe(name: string, step: Pick<Step, 'method' | 'options'>): Recipe {
  return { version: 1, name, seed: 0, steps: [{ ...step, target: 'all' }] };
}

/** Presets whose methods this version has. */
export function presetCards(cards: readonly MethodCard[]): PresetCard[] {
  const known = new Set(cards.map(({ id }) => id));
  return STARTS.filter(({ recipe: { steps } }) => steps.every(({ method }) => known.has(method)));
}
