// @vitest-environment node
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Trial } from '../../../workers/protocol.ts';
import {
  knownOrigins,
  recentModels,
  rememberedModels,
  rememberModels,
  rememberOrigin,
} from './recent.ts';

const trial = (id: string, name: string, createdAt: number, state: Trial['state'] = 'done') =>
  ({
    ...{ id, name: id, createdAt, state },
    model: { name, sha256: `sha-${name}` },
    recipe: { version: 1, seed: 0, steps: [] },
  }) satisfies Trial;

let stored: Map<string, string>;

beforeEach(() => {
  stored = new Map();
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => void stored.set(key, value),
  });
});

describe('recentModels', () => {
  it('counts finished trials by model, the newest model first, and knows where it can be fetched', () => {
    const trials = [
      trial('a', 'stories', 10),
      trial('b', 'mine', 30),
      trial('c', 'stories', 20),
      trial('d', 'stories', 40, 'failed'),
    ];
    const origins = { 'sha-stories': 'sample:stories', 'sha-mine': 'file' };
    expect(recentModels(trials, origins)).toEqual([
      { sha256: 'sha-mine', name: 'mine', trials: 1, at: 30 },
      { sha256: 'sha-stories', name: 'stories', origin: 'sample:stories', trials: 2, at: 20 },
    ]);
  });

  it('offers three at most', () => {
    const trials = ['a', 'b', 'c', 'd'].map((name, at) => trial(name, name, at));
    expect(recentModels(trials, {}).map(({ name }) => name)).toEqual(['d', 'c', 'b']);
  });
});

describe('what is remembered', () => {
  it('comes back, without what was damaged', () => {
    const models = recentModels([trial('a', 'mine', 1)], {});
    rememberModels(models);
    expect(rememberedModels()).toEqual(models);
    stored.set('lathe-recent', JSON.stringify([...models, { name: 7 }, null]));
    expect(rememberedModels()).toEqual(models);
    stored.set('lathe-recent', '{');
    expect(rememberedModels()).toEqual([]);
  });

  it('are the places of the last thirty models', () => {
    for (let at = 0; at < 40; at++) rememberOrigin(`sha-${at}`, `hf:a/${at}`);
    rememberOrigin('sha-12', 'sample:x');
    const origins = knownOrigins();
    expect(Object.keys(origins)).toHaveLength(30);
    expect(origins['sha-12']).toBe('sample:x');
    expect(origins['sha-9']).toBeUndefined();
  });
});
