import { expect, it } from 'vitest';
import { recipeLine } from './describe.ts';
import { parseRecipe } from './schema.ts';

it('says bits, blocks, sparsity and target of every step that runs', () => {
  const recipe = parseRecipe({
    version: 1,
    steps: [
      { method: 'gptq', target: 'attention', options: { bits: 4, blockSize: 32 } },
      { method: 'float16', disabled: true },
      { method: 'magnitude', options: { sparsity: 0.5 } },
      { method: 'wanda', options: { pattern: '2:4' } },
    ],
  });
  expect(recipeLine(recipe)).toBe('gptq 4 bits 32, attention → magnitude 50 % → wanda 2:4');
});
