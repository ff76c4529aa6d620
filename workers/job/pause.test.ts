import { describe, expect, it } from 'vitest';
import { Pause } from './pause.ts';

describe('Pause', () => {
  it('lets everybody through unless it was begun', () => {
    expect(new Pause().over()).toBeUndefined();
  });

  it('holds all who wait until it ends, once or twice begun', async () => {
    const pause = new Pause();
    pause.begin();
    const first = pause.over();
    pause.begin();
    expect(pause.over()).toBe(first);
    const passed: number[] = [];
    const wait = async (name: number) => {
      await pause.over();
      passed.push(name);
    };
    const waiting = [wait(1), wait(2)];
    await Promise.resolve();
    expect(passed).toEqual([]);
    pause.end();
    await Promise.all(waiting);
    expect(passed).toEqual([1, 2]);
    expect(pause.over()).toBeUndefined();
  });

  it('can be ended without having begun', () => {
    const pause = new Pause();
    pause.end();
    expect(pause.over()).toBeUndefined();
  });
});
