import * as Comlink from 'comlink';
import { describe, expect, it, vi } from 'vitest';
import type { JobProgress, ModelFolder } from '../../../workers/protocol.ts';
import type { Thread } from '../../../workers/thread-link.ts';
import { FakeEngine } from '../testing/fake-engine.ts';
import { EngineClient } from './engine-client.ts';
import { latestOnly } from './latest-only.ts';
import { PreviewClient } from './preview-client.ts';

function threadTo(api: unknown): Thread {
  const { port1, port2 } = new MessageChannel();
  Comlink.expose(api, port2);
  port1.start();
  return { endpoint: port1, terminate: () => port1.close() };
}

const folder: ModelFolder = { name: 'stories', origin: 'file', files: [] };
const recipe = {
  version: 1 as const,
  seed: 0,
  steps: [{ method: 'gptq', target: 'all' as const, options: { bits: 4, blockSize: 32 } }],
};

describe('latestOnly', () => {
  it('runs the first and the newest, and lets the overtaken ones go', async () => {
    const ran: number[] = [];
    const ask = latestOnly(async (value: number) => {
      ran.push(value);
      await new Promise((resolve) => setTimeout(resolve, 5));
      return value;
    });
    expect(await Promise.all([1, 2, 3, 4].map(ask))).toEqual([1, undefined, undefined, 4]);
    expect(ran).toEqual([1, 4]);
  });

  it('goes on after a failure', async () => {
    const ask = latestOnly((fail: boolean) =>
      fail ? Promise.reject(new Error('no')) : Promise.resolve('yes'),
    );
    await expect(ask(true)).rejects.toThrow('no');
    expect(await ask(false)).toBe('yes');
  });
});

describe('EngineClient', () => {
  it('reports progress and resolves with the trial', async () => {
    const client = new EngineClient(() => threadTo(new FakeEngine(0)));
    await client.open(folder);
    const seen: JobProgress[] = [];
    const trial = await client.run(recipe, (progress) => seen.push(progress));
    expect(trial.state).toBe('done');
    // Progress travels on a channel of its own and may arrive after the result.
    await vi.waitFor(() => expect(seen.at(-1)?.fraction).toBe(1));
  });

  it('cancels politely in the same thread', async () => {
    let spawned = 0;
    const client = new EngineClient(() => {
      spawned += 1;
      return threadTo(new FakeEngine(20));
    });
    await client.open(folder);
    const run = client.run(recipe, () => undefined);
    const outcome = expect(run).rejects.toMatchObject({ code: 'cancelled' });
    await client.cancel();
    await outcome;
    expect(spawned).toBe(1);
  });

  it('ends a thread that does not answer, reopens the model, and goes on', async () => {
    let spawned = 0;
    const client = new EngineClient(() => {
      spawned += 1;
      return threadTo(new FakeEngine(60, true));
    });
    await client.open(folder);
    const forecast = await client.forecast(recipe);
    const run = client.run(recipe, () => undefined);
    const outcome = expect(run).rejects.toMatchObject({ code: 'cancelled' });
    await client.cancel();
    await outcome;
    expect(spawned).toBe(2);
    expect(await client.forecast(recipe)).toEqual(forecast);
  });
});

describe('a page whose thread was lost', () => {
  /** Threads that can be made to die; each remembers what was opened in it. */
  function mortal(api: () => object) {
    const threads: ((said: string) => void)[] = [];
    const spawn = (): Thread => ({
      ...threadTo(api()),
      onFailure: (listener) => threads.push(listener),
    });
    return { spawn, threads };
  }

  it('is told so, and has the model open again in the next one', async () => {
    const { spawn, threads } = mortal(() => new FakeEngine(1));
    const client = new EngineClient(spawn);
    await client.open(folder);
    const lost = client.run(recipe, () => undefined);
    const outcome = expect(lost).rejects.toThrow(
      'The engine stopped unexpectedly (out of memory). Finished trials are safe; try the last action again.',
    );
    threads[0]('out of memory');
    await outcome;
    expect((await client.forecast(recipe))?.layers.length).toBe(37);
    expect(threads).toHaveLength(2);
  });

  it('sees pictures of the model again', async () => {
    const opened: string[] = [];
    const { spawn, threads } = mortal(() => ({
      open: ({ name }: ModelFolder) => opened.push(name),
      preview: ({ sequence }: { sequence: number }) => ({ sequence, of: opened.at(-1) }),
    }));
    const client = new PreviewClient(spawn);
    const crop = { rows: { from: 0, end: 1 }, columns: { from: 0, end: 1 } };
    const question = { layer: 'a', crop, entry: { row: 0, column: 0 }, cells: 1, bins: 1 };
    await client.open(folder);
    await client.open({ ...folder, name: 'second' });
    expect(await client.preview(question)).toEqual({ sequence: 1, of: 'second' });
    threads[0]('it was killed');
    expect(await client.preview(question)).toEqual({ sequence: 2, of: 'second' });
    expect(opened).toEqual(['stories', 'second', 'second']);
  });

  it('hears from every preview that the model could not be opened', async () => {
    const { spawn, threads } = mortal(() => ({
      open: () => Promise.reject(new Error('no model')),
      preview: () => 'a picture',
    }));
    const client = new PreviewClient(spawn);
    const crop = { rows: { from: 0, end: 1 }, columns: { from: 0, end: 1 } };
    const question = { layer: 'a', crop, entry: { row: 0, column: 0 }, cells: 1, bins: 1 };
    await expect(client.open(folder)).rejects.toThrow('no model');
    await expect(client.preview(question)).rejects.toThrow('no model');
    await expect(client.preview(question)).rejects.toThrow('no model');
    expect(threads).toHaveLength(1);
  });
});
