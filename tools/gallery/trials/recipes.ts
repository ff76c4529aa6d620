import { presetByName } from '../../../src/core/recipe/presets.ts';
import { parseRecipe } from '../../../src/core/recipe/schema.ts';
import type { Recipe } from '../../../src/core/recipe/types.ts';

/** Every product, no look-up table. */
const PRODUCTS = { all: true, except: ['embedding'] };
const ONCE = { method: 'deduplicate' };

function recipe(name: string, ...steps: readonly unknown[]): Recipe {
  return parseRecipe({ version: 1, name, steps });
}

const rounded = (bits: number, target: unknown = 'all') => ({
  method: 'round-to-nearest',
  target,
  options: { bits, blockSize: 32 },
});

const calibrated = (options: Readonly<Record<string, unknown>>) => ({
  method: 'gptq',
  target: PRODUCTS,
  options: { scales: 'float16', ...options },
});

const two = { bits: 2, blockSize: 16, symmetric: false, scales: 'float16' };

/** 8 bits, 4 bits without a look at data, 4 bits with one. */
const USUAL = ['small-and-safe', 'q4', 'tiny'].map((name) => presetByName(name).recipe);
/** Of models that are stored in 32 bits. */
const HALF = presetByName('fp16').recipe;

const THREE_BITS = recipe(
  'three-bit',
  ONCE,
  calibrated({ bits: 3, blockSize: 32 }),
  rounded(4, 'embedding'),
);
const TWO_BITS = recipe('two-bit', ONCE, calibrated(two), rounded(4, 'embedding'));
/** The same two bits without a look at data: what calibration is worth. */
const TWO_BITS_BLIND = recipe('two-bit-uncalibrated', ONCE, {
  method: 'round-to-nearest',
  options: { ...two, clip: 'mse' },
});

/** What is measured on each sample, the one that is shown first at the front. */
export const SHIPPED_RECIPES: Readonly<Record<string, readonly Recipe[]>> = {
  stories: [...USUAL, HALF, THREE_BITS],
  prose: [...USUAL, THREE_BITS, TWO_BITS],
  mail: [...USUAL, THREE_BITS, TWO_BITS],
  handwriting: [...USUAL, HALF, TWO_BITS, TWO_BITS_BLIND],
  digits: [...USUAL, HALF, TWO_BITS, TWO_BITS_BLIND],
};
