import { unpackTokens } from '../../src/core/text/vocabulary/token-set.ts';
import type { Step } from '../../src/core/recipe/types.ts';

/** The tokens that a closed step keeps, out of so many. */
export function tokensOf({ options = {} }: Step, size = 512): number[] {
  return [...unpackTokens(String(options['tokens']), size)];
}
