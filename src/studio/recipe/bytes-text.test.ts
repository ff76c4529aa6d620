import { expect, it } from 'vitest';
import { bytesText, parseBytes } from './bytes-text.ts';

it('writes sizes with their unit, and loses no byte', () => {
  expect([3e6, 250_000, 2_651_476, 999, 1_500_000_000].map(bytesText)).toEqual([
    '3 MB',
    '250 kB',
    '2651.476 kB',
    '999 B',
    '1.5 GB',
  ]);
  for (const bytes of [1, 1000, 1001, 123_456_789, 4_294_967_296]) {
    expect(parseBytes(bytesText(bytes))).toBe(bytes);
  }
});

it('reads what people write', () => {
  expect(['3 MB', '3mb', '2.5 MiB', '3 000 000', '250k', '1,500 kB'].map(parseBytes)).toEqual([
    3e6, 3e6, 2_621_440, 3e6, 250_000, 1_500_000,
  ]);
  expect(['', 'small', '3 MB or so', '0', '-3 MB'].map(parseBytes)).toEqual(
    new Array(5).fill(undefined),
  );
});
