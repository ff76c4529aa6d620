import type { Evaluation, Exit } from './types.ts';

/** Outputs beside what was measured on each. */
export function exitsOf(
  outputs: readonly string[],
  found: readonly Pick<Evaluation, 'compressed' | 'difference'>[],
): Exit[] {
  return found.map(({ compressed, difference }, i) => ({
    output: outputs[i],
    compressed,
    difference,
  }));
}
