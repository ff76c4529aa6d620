import { describe, expect, it } from 'vitest';
import { createQueue } from './queue.ts';

describe('createQueue', () => {
  it('never runs two jobs at once and keeps their order', async () => {
    const queue = createQueue();
    const log: string[] = [];
    const job = (name: string) => async () => {
      log.push(`${name} starts`);
      await Promise.resolve();
      await Promise.resolve();
      log.push(`${name} ends`);
      return name;
    };
    expect(await Promise.all([queue(job('a')), queue(job('b')), queue(job('c'))])).toEqual([
      'a',
      'b',
      'c',
    ]);
    expect(log).toEqual(['a starts', 'a ends', 'b starts', 'b ends', 'c starts', 'c ends']);
  });

  it('hands a failure to its own caller only', async () => {
    const queue = createQueue();
    const failing = queue(() => Promise.reject(new Error('first')));
    const next = queue(() => Promise.resolve(2));
    await expect(failing).rejects.toThrow('first');
    expect(await next).toBe(2);
  });
});
