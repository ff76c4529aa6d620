import * as Comlink from 'comlink';
import { describe, expect, it } from 'vitest';
import { LatheError } from '../src/core/errors/lathe-error.ts';
import { GRACE_MS, ThreadLink, type Thread, type ThreadOptions } from './thread-link.ts';

const failed = (said: string) => new LatheError('thread-failed', `The thread stopped (${said}).`);

/** A link to threads that are message channels, with what is needed to watch and to kill them. */
function linkTo<Api extends object>(api: Api, options: Partial<ThreadOptions<Api>> = {}) {
  const threads: { fail: (said: string) => void; ended: boolean }[] = [];
  const spawn = (): Thread => {
    const { port1, port2 } = new MessageChannel();
    Comlink.expose(api, port2);
    port1.start();
    const thread = { fail: (_said: string): void => undefined, ended: false };
    threads.push(thread);
    return {
      endpoint: port1,
      terminate: () => {
        thread.ended = true;
        port1.close();
      },
      onFailure: (listener) => (thread.fail = listener),
    };
  };
  return { link: new ThreadLink<Api>({ spawn, failed, ...options }), threads };
}

const never = () => new Promise<string>(() => undefined);

describe('a thread', () => {
  it('throws errors that keep code, message and details', async () => {
    const error = new LatheError('not-onnx', 'This is a GGUF.', { found: 'GGUF' });
    const { link } = linkTo({ fail: () => Promise.reject(error) });
    await expect(link.call((remote) => remote.fail())).rejects.toMatchObject({
      name: 'LatheError',
      code: 'not-onnx',
      message: 'This is a GGUF.',
      details: { found: 'GGUF' },
    });
    link.end();
  });

  it('that dies rejects what is in flight, and the next call gets a new one', async () => {
    const { link, threads } = linkTo({ never, ping: () => 'pong' });
    const waiting = link.call((remote) => remote.never());
    threads[0].fail('out of memory');
    await expect(waiting).rejects.toThrow('The thread stopped (out of memory).');
    expect(await link.call((remote) => remote.ping())).toBe('pong');
    expect(threads.map(({ ended }) => ended)).toEqual([true, false]);
    // What is said late of a lost thread is not about the new one.
    threads[0].fail('again');
    expect(await link.call((remote) => remote.ping())).toBe('pong');
    expect(threads).toHaveLength(2);
    link.end();
  });

  it('that is ended says why, or that it was cancelled', async () => {
    const { link } = linkTo({ never });
    const first = link.call((remote) => remote.never());
    link.end(failed('another model'));
    await expect(first).rejects.toThrow('The thread stopped (another model).');
    const second = link.call((remote) => remote.never());
    link.end();
    await expect(second).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('is told something only when there is one', async () => {
    let told = 0;
    const { link, threads } = linkTo({ note: () => (told += 1), ping: () => 'pong' });
    link.tell((remote) => remote.note());
    expect(threads).toHaveLength(0);
    await link.ready();
    link.tell((remote) => remote.note());
    await link.call((remote) => remote.ping());
    expect(told).toBe(1);
    link.end();
  });
});

describe('what every new thread does first', () => {
  it('is done before it is asked, again in a thread that replaces it, and when asked for', async () => {
    const done: string[] = [];
    const api = {
      open: async (name: string) => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        done.push(name);
      },
      ask: () => [...done],
    };
    let name = 'first';
    const { link, threads } = linkTo(api, { onStart: (remote) => remote.open(name) });
    expect(await link.call((remote) => remote.ask())).toEqual(['first']);
    expect(await link.call((remote) => remote.ask())).toEqual(['first']);
    threads[0].fail('gone');
    expect(await link.call((remote) => remote.ask())).toEqual(['first', 'first']);
    name = 'second';
    await link.renew();
    expect(done).toEqual(['first', 'first', 'second']);
    link.end();
  });

  it('fails every call where it failed; a disposable thread tries it again in a new one', async () => {
    let good = false;
    const api = {
      open: () => (good ? Promise.resolve() : Promise.reject(new Error('no model'))),
      ask: () => 'answer',
    };
    const onStart: ThreadOptions<typeof api>['onStart'] = (remote) => remote.open();
    for (const disposable of [false, true]) {
      good = false;
      const { link, threads } = linkTo(api, { onStart, disposable });
      await expect(link.call((remote) => remote.ask())).rejects.toThrow('no model');
      good = true;
      const again = link.call((remote) => remote.ask());
      if (disposable) expect(await again).toBe('answer');
      else await expect(again).rejects.toThrow('no model');
      expect(threads).toHaveLength(disposable ? 2 : 1);
      link.end();
    }
  });
});

describe('a disposable thread', () => {
  it('is thrown away with a call that fails, and says why to the others', async () => {
    const api = { never, fail: () => Promise.reject(new Error('heap')), ping: () => 'pong' };
    const { link, threads } = linkTo(api, { disposable: true });
    const other = link.call((remote) => remote.never());
    const outcome = expect(other).rejects.toThrow('heap');
    await expect(link.call((remote) => remote.fail())).rejects.toThrow('heap');
    await outcome;
    expect(await link.call((remote) => remote.ping())).toBe('pong');
    expect(threads.map(({ ended }) => ended)).toEqual([true, false]);
    link.end();
  });

  it('is the only one that is', async () => {
    const { link, threads } = linkTo({ fail: () => Promise.reject(new Error('no')) });
    await expect(link.call((remote) => remote.fail())).rejects.toThrow('no');
    await expect(link.call((remote) => remote.fail())).rejects.toThrow('no');
    expect(threads).toHaveLength(1);
    link.end();
  });
});

describe('a cancelled run', () => {
  /** Something that runs until it is cancelled, or for ever when it is deaf. */
  function runner(deaf: boolean) {
    let stop: (reason: Error) => void = () => undefined;
    const asked: number[] = [];
    const api = {
      run: () => new Promise<string>((_resolve, reject) => (stop = reject)),
      cancel: (within: number) => {
        asked.push(within);
        if (!deaf) stop(new LatheError('cancelled', 'stopped'));
      },
    };
    return { api, asked };
  }

  it('stops by itself in the same thread, which is told what may be passed on', async () => {
    const { api, asked } = runner(false);
    const { link, threads } = linkTo(api);
    const run = link.call((remote) => remote.run());
    const outcome = expect(run).rejects.toThrow('stopped');
    await link.cancel(run, (remote, within) => remote.cancel(within));
    await outcome;
    expect(asked).toEqual([0.7 * GRACE_MS]);
    expect(threads.map(({ ended }) => ended)).toEqual([false]);
    link.end();
  });

  it('is ended with its thread when it is deaf, within the time it was given', async () => {
    const { api, asked } = runner(true);
    const { link, threads } = linkTo(api);
    const run = link.call((remote) => remote.run());
    const outcome = expect(run).rejects.toMatchObject({ code: 'cancelled' });
    await link.cancel(run, (remote, within) => remote.cancel(within), 50);
    await outcome;
    expect(asked).toEqual([35]);
    expect(threads.map(({ ended }) => ended)).toEqual([true]);
  });

  it('needs no thread to be started for it', async () => {
    const { link, threads } = linkTo(runner(false).api);
    await link.cancel(Promise.resolve(), (remote, within) => remote.cancel(within));
    expect(threads).toHaveLength(0);
  });
});
