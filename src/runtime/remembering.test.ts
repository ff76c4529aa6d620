import { describe, expect, it } from 'vitest';
import { remembering, RunMemory } from './remembering.ts';
import type { Session } from './types.ts';

/** Doubles what it is fed, and counts how often it is asked. */
function doubling() {
  const asked: number[] = [];
  const session: Session = {
    ...{ inputs: [], outputs: [] },
    run: async ({ x: { data } }) => {
      asked.push(Number(data[0]));
      return { y: { dataType: 1, dims: [1], data: Float32Array.of(2 * Number(data[0])) } };
    },
    runOnDevice: () => Promise.reject(new Error('not asked for')),
    release: async () => {},
  };
  const feed = (value: number) => ({ x: { dataType: 1, dims: [1], data: Float32Array.of(value) } });
  return { asked, session, feed };
}

describe('a session that remembers', () => {
  it('is run once on each input, as long as there is room', async () => {
    const { asked, session, feed } = doubling();
    const memory = new RunMemory(8).begin('a');
    for (const value of [1, 2, 3, 1, 2, 3]) {
      const { y } = await remembering(session, memory).run(feed(value), ['y']);
      expect(y.data).toEqual(Float32Array.of(2 * value));
    }
    expect(asked).toEqual([1, 2, 3, 3]);
    await remembering(session, memory).run(feed(1), ['y', 'z']);
    expect(asked.at(-1)).toBe(1);
  });

  it('forgets the runs of another one', async () => {
    const { asked, session, feed } = doubling();
    const memory = new RunMemory();
    await remembering(session, memory.begin('a')).run(feed(1), ['y']);
    await remembering(session, memory.begin('a')).run(feed(1), ['y']);
    await remembering(session, memory.begin('b')).run(feed(1), ['y']);
    expect(asked).toEqual([1, 1]);
  });
});
