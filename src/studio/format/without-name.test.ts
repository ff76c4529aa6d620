import { expect, it } from 'vitest';
import { withoutName } from './without-name.ts';

it('says a name once, and leaves sentences about something else as they are', () => {
  expect(withoutName('"w" is already quantized.', 'w')).toBe('is already quantized.');
  expect(withoutName('"w2" is already quantized.', 'w')).toBe('"w2" is already quantized.');
  expect(withoutName('No step was pointed at it.', 'w')).toBe('No step was pointed at it.');
});
