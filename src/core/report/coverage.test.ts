import { expect, it } from 'vitest';
import { changedShare, leftBytes } from './coverage.ts';

const left = (bytes?: number) => ({
  name: 'a',
  reason: 'b',
  ...(bytes !== undefined && { bytes }),
});

it('never counts as changed what was left alone', () => {
  const coverage = {
    compressedBytes: 1000,
    totalBytes: 1000,
    skipped: [left(16), left(4), left()],
  };
  expect(leftBytes(coverage)).toBe(20);
  expect(changedShare(coverage)).toBe(0.98);
  expect(changedShare({ ...coverage, compressedBytes: 500 })).toBe(0.5);
});

it('takes reports that know no bytes, and models without weights', () => {
  const coverage = { compressedBytes: 1000, totalBytes: 1000, skipped: [left()] };
  expect(leftBytes(coverage)).toBeUndefined();
  expect(changedShare(coverage)).toBe(1);
  expect(changedShare({ compressedBytes: 0, totalBytes: 0, skipped: [] })).toBe(0);
});
