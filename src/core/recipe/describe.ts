import type { Recipe, Step, Target } from './types.ts';

/** A recipe in one line: `gptq 4 bits 32 → magnitude 50 %, attention`. It names trials that have no name. */
export function recipeLine({ steps }: Pick<Recipe, 'steps'>): string {
  const active = steps.filter((step) => step.disabled !== true);
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
  const words = targetWords(target);
  return parts.filter(Boolean).join(' ') + (words === undefined ? '' : `, ${words}`);
}

function isScalar(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}

/** The kind of target, where it is not everything. */
function targetWords(target: Target): string | undefined {
  if (typeof target === 'string') return target === 'all' ? undefined : target;
  if (target.role !== undefined) return target.role;
  if (target.blocks !== undefined) return 'blocks';
  return target.tensors === undefined ? undefined : 'tensors';
}
