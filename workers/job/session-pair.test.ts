import { describe, expect, it } from 'vitest';
import type { Model } from '../../src/core/onnx/types.ts';
import type { TrialStore } from '../../src/engine/trials/store.ts';
import type { Runtime, Session } from '../../src/runtime/types.ts';
import { SessionPair } from './session-pair.ts';

const MODEL = { graph: {} } as Model;

/** Counts what is open; sessions answer nothing, because nobody asks them. */
function counting() {
  const open: string[] = [];
  const session = (name: string): Session => {
    open.push(name);
    return {
      name,
      release: async () => void open.splice(open.indexOf(name), 1),
    } as unknown as Session;
  };
  const runtime = {
    open: async (model: Model) => session(model === MODEL ? 'original' : 'another'),
    openBytes: async (bytes: Uint8Array) => session(new TextDecoder().decode(bytes)),
  } as unknown as Runtime;
  const store = {
    written: async (id: string) => {
      const bytes = new TextEncoder().encode(id);
      return { file: { byteLength: bytes.length, read: async () => bytes }, data: [] };
    },
  } as unknown as Pick<TrialStore, 'written'>;
  return { open, pair: new SessionPair(async () => runtime, store) };
}

const names = async ({ left, right }: { left: Session; right: Session }) =>
  [left, right].map((session) => (session as unknown as { name: string }).name);

describe('SessionPair', () => {
  it('opens each side once for many questions at the same time', async () => {
    const { open, pair } = counting();
    const ask = () => pair.use(MODEL, 'original', 'original', names);
    expect(await Promise.all([ask(), ask(), ask()])).toEqual(
      Array.from({ length: 3 }, () => ['original', 'original']),
    );
    expect(open).toEqual(['original']);
  });

  it('puts any two side by side, and opens one when one side changes', async () => {
    const { open, pair } = counting();
    expect(await pair.use(MODEL, 'q8', 'q4', names)).toEqual(['q8', 'q4']);
    expect(await pair.use(MODEL, 'original', 'q4', names)).toEqual(['original', 'q4']);
    expect(open).toEqual(['q4', 'original']);
    expect(await pair.use(MODEL, 'q4', 'original', names)).toEqual(['q4', 'original']);
    expect(open).toEqual(['q4', 'original']);
  });

  it('goes on after a failure', async () => {
    const { pair } = counting();
    const failing = pair.use(MODEL, 'original', 'original', () => Promise.reject(new Error('no')));
    await expect(failing).rejects.toThrow('no');
    expect(await pair.use(MODEL, 'original', 'original', names)).toEqual(['original', 'original']);
  });

  it('releases what another model leaves behind', async () => {
    const { open, pair } = counting();
    await pair.use(MODEL, 'original', 'original', names);
    await pair.use({ graph: {} } as Model, 'original', 'original', async () => undefined);
    expect(open).toEqual(['another']);
  });
});
