import { metaById } from '../methods/catalog.ts';
import { PRESETS } from './presets.ts';
import type { Recipe } from './types.ts';

/** Name of the data file beside {@link exportFileName}, should one be needed: where transformers.js looks for it. */
export function exportDataName(recipe: Recipe): string {
  return `${exportFileName(recipe)}_data`;
}

/**
 * `model_q4.onnx`: the name transformers.js finds by `dtype`. A recipe that is a preset has the
 * preset's suffix; else its narrowest bits name it; `model_lathe.onnx` where there is no word. A part of a
 * model keeps its own `base`: `decoder_model_merged_q4.onnx`.
 */
export function exportFileName(recipe: Recipe, base = 'model'): string {
  const steps = JSON.stringify(recipe.steps);
  const preset = PRESETS.find((candidate) => JSON.stringify(candidate.recipe.steps) === steps);
  return `${base}${preset?.suffix ?? suffixOf(recipe)}.onnx`;
}

/** The `dtype` whose weights are cast, not coded; beside another it is the type of everything else. */
const HALF = 'fp16';

function suffixOf({ steps }: Recipe): string {
  const active = steps.filter((step) => step.disabled !== true);
  const words = active.flatMap(({ method, options }) => metaById(method)?.suffix?.(options) ?? []);
  const half = words.includes(HALF);
  const [narrowest] = words.filter((word) => word !== HALF).sort((a, b) => bitsOf(a) - bitsOf(b));
  if (narrowest === undefined) return half ? `_${HALF}` : '_lathe';
  // transformers.js looks for `q8` under this older name.
  if (narrowest === 'q8') return '_quantized';
  return half ? `_${narrowest}f16` : `_${narrowest}`;
}

/** `q4`, `bnb4`: 4. */
function bitsOf(word: string): number {
  return Number(/\d+/.exec(word)?.[0] ?? 32);
}
