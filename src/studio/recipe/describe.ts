import type { Recipe, Step } from '../../core/recipe/types.ts';
import { targetKind } from './target.ts';

/** A recipe in one line: `gptq 4 bits 32 → magnitude 50 %, attention`. */
export function recipeLine(recipe: Recipe): string {
  const active = recipe.steps.filter((step) => step.disabled !== true);
  return active.map(stepLine).join(' → ');
}

function stepLine({ method, options, target }: Step): string {
  const { bits, blockSize, sparsity, pattern } = options;
  const parts = [
    method,
    isScalar(bits) ? `${bits} bits` : undefined,
    isScalar(blockSize) ? `${blockSize}` : undefined,
    typeof sparsity === 'number' && (pattern === undefined || pattern === 'unstructured')
      ? `${Math.round(sparsity * 100)} %`
      : undefined,
    isScalar(pattern) && pattern !== 'unstructured' ? `${pattern}` : undefined,
  ];
  const kind = targetKind(target);
  return parts.filter(Boolean).join(' ') + (kind === 'all' ? '' : `, ${kind}`);
}

function isScalar(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}
