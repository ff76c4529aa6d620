import { expect, it } from 'vitest';
import { verdictLine } from './baseline-trial.ts';

const difference = { value: -0.36974, standardError: 0.0412, n: 14144 };

it.each([
  [
    { word: 'better', size: 1, metric: 'perplexity', difference } as const,
    'verdict: better than round to nearest: perplexity -0.36974 ± 0.041 (n 14144), 100.0 % of its bytes',
  ],
  [
    { word: 'equal', size: 0.996, metric: 'perplexity', difference } as const,
    'verdict: equal to round to nearest: perplexity -0.36974 ± 0.041 (n 14144), 99.6 % of its bytes',
  ],
  [
    { word: 'not measured', size: 1.1, reason: 'nothing was measured on it' } as const,
    'verdict: not measured against round to nearest: nothing was measured on it, 110.0 % of its bytes',
  ],
])('the verdict is one line: %o', (verdict, line) => {
  expect(verdictLine(verdict, 'Round to nearest')).toBe(line);
});
