import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createHover } from './hover.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

it('stays with a point long enough for the pointer to reach what tells about it', () => {
  const hover = createHover();
  const seen: (string | undefined)[] = [];
  const stop = hover.subscribe(() => seen.push(hover.current()));
  hover.point('a');
  hover.leave();
  vi.advanceTimersByTime(100);
  hover.keep();
  vi.advanceTimersByTime(10_000);
  expect(hover.current()).toBe('a');
  hover.leave();
  vi.advanceTimersByTime(10_000);
  expect(hover.current()).toBeUndefined();
  stop();
  hover.point('b');
  expect(seen).toEqual(['a', undefined]);
});

it('shows what the pointer is at before what has the focus', () => {
  const hover = createHover();
  hover.focus('focused');
  expect(hover.current()).toBe('focused');
  hover.point('pointed');
  expect(hover.current()).toBe('pointed');
  hover.leave();
  vi.advanceTimersByTime(10_000);
  expect(hover.current()).toBe('focused');
  hover.blur();
  expect(hover.current()).toBeUndefined();
});
