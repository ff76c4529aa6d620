import { PRESETS } from './presets.ts';
import type { Recipe } from './types.ts';

/** Name of the data file beside {@link exportFileName}, should one be needed: where transformers.js looks for it. */
export function exportDataName(recipe: Recipe): string {
  return `${exportFileName(recipe)}_data`;
}

/**
 * `model_q4.onnx`: the name transformers.js finds by `dtype`. A recipe that is a preset has the
 * preset's suffix; else its narrowest bits name it; `model_lathe.onnx` where there is no word.
 */
export function exportFileName(recipe: Recipe): string {
  const steps = JSON.stringify(recipe.steps);
  const preset = PRESETS.find((candidate) => JSON.stringify(candidate.recipe.steps) === steps);
  return `model${preset?.suffix ?? suffixOf(recipe)}.onnx`;
}

function suffixOf({ steps }: Recipe): string {
  const active = steps.filter((step) => step.disabled !== true);
  const bits = active.map(({ options }) => options['bits']).filter((b) => typeof b === 'number');
  const half = active.some(({ method }) => method === 'float16');
  if (bits.length === 0) return half ? '_fp16' : '_lathe';
  const narrowest = Math.min(...bits);
  // transformers.js looks for `q8` under this older name.
  if (narrowest === 8) return '_quantized';
  return half ? `_q${narrowest}f16` : `_q${narrowest}`;
}
