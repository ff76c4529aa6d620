import { expect, it } from 'vitest';
import { isAboutRank, isSlow } from './rank.ts';

const block = { rows: { from: 0, end: 1 }, columns: { from: 0, end: 8 } };
const drawn = { row: 0, columns: { from: 0, end: 8 } };
const preview = (did: string, rows = 64) => ({
  ...{ rows, columns: 2048, after: { did } },
  block: { ...block, drawn, before: new Float32Array(8) },
});

it('singular values come by themselves where a weight was factored, and are asked for where they take long', () => {
  expect(isAboutRank(preview('factored'))).toBe(true);
  expect(isAboutRank(preview('quantized'))).toBe(false);
  expect(isAboutRank(preview('factored', 2048))).toBe(false);
  expect(isSlow(preview('factored', 2048))).toBe(true);
});
