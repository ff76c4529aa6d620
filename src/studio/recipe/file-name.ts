import type { Recipe } from '../../core/recipe/types.ts';

/**
 * The transformers.js suffix of what a recipe makes (`q4`, `fp16`, `q4f16` …), so that the file
 * loads there by `dtype`; `undefined` where that naming has no word for it.
 */
export function dtypeSuffix(recipe: Recipe): string | undefined {
  const active = recipe.steps.filter((step) => step.disabled !== true);
  const bits = active.flatMap((step) =>
    isBits(step.options['bits']) ? [step.options['bits']] : [],
  );
  const half = active.some((step) => step.method === 'float16');
  if (bits.length === 0) return half ? 'fp16' : undefined;
  const narrowest = Math.min(...bits);
  const name = narrowest === 8 ? 'q8' : `q${narrowest}`;
  return half && narrowest < 8 ? `${name}f16` : name;
}

function isBits(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= 8;
}

/** `model_q4.onnx`, or `model_lathe.onnx` where there is no such word. */
export function exportFileName(recipe: Recipe): string {
  return `model_${dtypeSuffix(recipe) ?? 'lathe'}.onnx`;
}
