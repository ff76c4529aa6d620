import { describe, expect, it, vi } from 'vitest';
import { askToKeep, lookAtPromise, usePersistence } from './persistence.ts';

describe('the promise to keep trials', () => {
  it('is asked for once, and what came of it is known', async () => {
    const storage = {
      persisted: vi.fn(async () => false),
      persist: vi.fn(async () => false),
    };
    await askToKeep(storage);
    await askToKeep(storage);
    expect(storage.persist).toHaveBeenCalledTimes(1);
    expect(usePersistence.getState().promised).toBe(false);
    await lookAtPromise({ ...storage, persisted: async () => true });
    expect(usePersistence.getState().promised).toBe(true);
    expect(storage.persist).toHaveBeenCalledTimes(1);
  });
});
