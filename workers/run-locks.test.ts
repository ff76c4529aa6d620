import { afterEach, expect, it, vi } from 'vitest';
import { holdRun, runsGoingOn } from './run-locks.ts';

/** Web Locks as far as shared ones go: each is held until what its holder does is over. */
function fakeLocks() {
  const held: { name: string }[] = [];
  return {
    query: () => Promise.resolve({ held }),
    async request(name: string, options: LockOptions, work: () => Promise<void>) {
      expect(options.mode).toBe('shared');
      const lock = { name };
      held.push(lock);
      await work();
      held.splice(held.indexOf(lock), 1);
    },
  };
}

afterEach(() => vi.unstubAllGlobals());

it('knows runs of all pages as long as they are held, but for those of an idle page', async () => {
  const locks = fakeLocks();
  vi.stubGlobal('navigator', { locks });
  const letGo = [await holdRun('page-1')('a'), await holdRun('page-2')('a')];
  letGo.push(await holdRun('page-2')('b'));
  void locks.request('another lock', { mode: 'shared' }, () => Promise.resolve());
  expect([...(await runsGoingOn())].sort()).toEqual(['a', 'b']);
  expect([...(await runsGoingOn('page-2'))]).toEqual(['a']);
  letGo.forEach((end) => end());
  await expect.poll(async () => (await runsGoingOn()).size).toBe(0);
});

it('knows none where the browser has no locks', async () => {
  vi.stubGlobal('navigator', {});
  expect((await runsGoingOn()).size).toBe(0);
});
