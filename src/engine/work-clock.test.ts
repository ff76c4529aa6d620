import { expect, it } from 'vitest';
import { WorkClock } from './work-clock.ts';

it('does not count the time of a pause, however often it is asked for', async () => {
  let now = 0;
  let end: () => void = () => undefined;
  const over = new Promise<void>((resolve) => (end = resolve));
  const clock = new WorkClock(() => now);
  const pause = { over: undefined as Promise<void> | undefined };
  const paused = clock.watched(() => pause.over);
  expect(paused()).toBeUndefined();
  now = 1000;
  pause.over = over;
  const [first, second] = [paused(), paused()];
  now = 61_000;
  end();
  await first;
  await second;
  now = 62_000;
  expect(clock.now()).toBe(2000);
});
