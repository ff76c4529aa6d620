import { z } from 'zod';

/** "N:M" */
export const PATTERN = /^([1-9]\d?):([1-9]\d?)$/;

/** Options that every unstructured pruning method has. */
export const pruningFields = {
  sparsity: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .meta({
      title: 'Sparsity',
      step: 0.01,
      when: { option: 'pattern', in: ['unstructured'] },
      description:
        'Share of the weights that becomes zero. 0.5 is usually bearable without repair.',
    }),
  pattern: z
    .union([
      z.enum(['unstructured', '2:4', '4:8']),
      z.string().regex(PATTERN).refine(isPossible, {
        message: 'a pattern N:M keeps N of every M weights, with 1 ≤ N < M ≤ 64',
      }),
    ])
    .default('unstructured')
    .meta({
      title: 'Pattern',
      also: 'N:M',
      description:
        'Where the zeros may lie. "unstructured" puts them anywhere; "2:4" keeps the 2 largest of every 4 neighbours, a pattern some hardware runs faster; any N:M is possible.',
    }),
};

function isPossible(text: string): boolean {
  const [, n, m] = (PATTERN.exec(text) ?? []).map(Number);
  return n < m && m <= 64;
}

/** The pattern, or the share of zeros where it is unstructured. */
export function pruningShort(options: { sparsity: number; pattern: string }): string {
  const { sparsity, pattern } = options;
  return pattern === 'unstructured' ? `${Math.round(sparsity * 100)} %` : pattern;
}
