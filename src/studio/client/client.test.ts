import * as Comlink from 'comlink';
import { describe, expect, it, vi } from 'vitest';
import { LatheError } from '../../core/errors/lathe-error.ts';
import type { JobProgress, ModelFolder } from '../../../workers/protocol.ts';
import { FakeEngine } from '../testing/fake-engine.ts';
import { EngineClient } from './engine-client.ts';
import { latestOnly } from './latest-only.ts';
import { WorkerLink, type Thread } from './worker-link.ts';

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

describe('errors across the thread border', () => {
  it('keep code, message and details', async () => {
    const api = {
      fail: () => Promise.reject(new LatheError('not-onnx', 'This is a GGUF.', { found: 'GGUF' })),
    };
    const link = new WorkerLink<typeof api>(() => threadTo(api), 'engine');
    await expect(link.call((remote) => remote.fail())).rejects.toMatchObject({
      name: 'LatheError',
      code: 'not-onnx',
      message: 'This is a GGUF.',
      details: { found: 'GGUF' },
    });
    link.end();
  });

  it('a thread that dies rejects what is in flight, and the next call gets a new one', async () => {
    let fail: (message: string) => void = () => undefined;
    let spawned = 0;
    const api = { never: () => new Promise<string>(() => undefined), ping: () => 'pong' };
    const link = new WorkerLink<typeof api>(() => {
      spawned += 1;
      return { ...threadTo(api), onFailure: (listener) => (fail = listener) };
    }, 'engine');
    const waiting = link.call((remote) => remote.never());
    fail('out of memory');
    await expect(waiting).rejects.toThrow(
      'The engine stopped unexpectedly (out of memory). Finished trials are safe; try the last action again.',
    );
    expect(await link.call((remote) => remote.ping())).toBe('pong');
    expect(spawned).toBe(2);
    link.end();
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
    const run = client.run(recipe, () => undefined);
    const outcome = expect(run).rejects.toMatchObject({ code: 'cancelled' });
    const before = Date.now();
    await client.cancel();
    await outcome;
    expect(Date.now() - before).toBeLessThan(1600);
    expect(spawned).toBe(2);
    expect((await client.forecast(recipe))?.layers.length).toBe(37);
  });
});
