import { expect, it } from 'vitest';
import { bounded } from './recipe-history.ts';

it('keeps the changes nearest to now, and no more than storage can bear', () => {
  const numbers = Array.from({ length: 100 }, (_, i) => i);
  const kept = JSON.parse(bounded({ past: numbers, future: numbers })) as Record<string, number[]>;
  expect(kept['past']).toEqual(numbers.slice(-40));
  expect(kept['future'].at(-1)).toBe(99);
  const large = Array.from({ length: 40 }, (_, i) => `${i}`.padEnd(20_000));
  const text = bounded({ past: large, future: [] });
  expect(text.length).toBeLessThanOrEqual(250_000);
  expect((JSON.parse(text) as { past: string[] }).past.at(-1)).toBe(large.at(-1));
  expect(bounded({ past: ['x'.repeat(300_000)], future: [] })).toBe('{"past":[],"future":[]}');
});
