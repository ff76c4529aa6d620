import type { Recipe } from '../../core/recipe/types.ts';
import type { PresetCard } from './method-card.ts';

/**
 * `model_q4.onnx`: the name transformers.js finds by `dtype`. A recipe that still is a preset has
 * the preset's suffix; else the narrowest bits name it; `model_lathe.onnx` where there is no word.
 */
export function exportFileName(recipe: Recipe, presets: readonly PresetCard[] = []): string {
  const same = presets.find(
    (preset) => JSON.stringify(preset.recipe.steps) === JSON.stringify(recipe.steps),
  );
  return `model${same?.suffix ?? suffixOf(recipe)}.onnx`;
}

function suffixOf(recipe: Recipe): string {
  const active = recipe.steps.filter((step) => step.disabled !== true);
  const bits = active.flatMap((step) =>
    isBits(step.options['bits']) ? [step.options['bits']] : [],
  );
  const half = active.some((step) => step.method === 'float16');
  if (bits.length === 0) return half ? '_fp16' : '_lathe';
  const narrowest = Math.min(...bits);
  // transformers.js looks for `q8` under this older name.
  if (narrowest === 8) return '_quantized';
  return half ? `_q${narrowest}f16` : `_q${narrowest}`;
}

function isBits(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= 8;
}
