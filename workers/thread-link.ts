/** The one way from a thread to another one that it starts: the page's to its workers, a worker's to its jobs. */
import * as Comlink from 'comlink';
import { CancelledError, LatheError } from '../src/core/errors/lathe-error.ts';
import { installErrorCodec } from './errors.ts';

installErrorCodec();

/** A thread we can talk to and end. Production passes a `Worker`; tests a message port. */
export interface Thread {
  readonly endpoint: Comlink.Endpoint;
  terminate(): void;
  /** Called when the thread dies by itself (script error, out of memory). */
  onFailure?(listener: (message: string) => void): void;
}

export type Spawn = () => Thread;

export function threadOf(worker: Worker): Thread {
  return {
    endpoint: worker,
    terminate: () => worker.terminate(),
    onFailure(listener) {
      worker.addEventListener('error', (event) => {
        event.preventDefault();
        listener(event.message || 'its script could not be loaded');
      });
      worker.addEventListener('messageerror', () => listener('a message could not be decoded'));
    },
  };
}

/** How long a run may go on after it was cancelled; then its thread is ended. */
export const GRACE_MS = 1000;

/** What a thread passes on of this time to a thread of its own: the rest is for what follows from it. */
const PASSED_ON = 0.7;

type Remote<Api> = Comlink.Remote<Api>;

export interface ThreadOptions<Api> {
  readonly spawn: Spawn;
  /** What calls in flight are told when the thread stops by itself. */
  readonly failed: (said: string) => LatheError;
  /** Done in every new thread before it is asked anything: opens again what was open in a lost one. */
  readonly onStart?: (remote: Remote<Api>) => Promise<unknown>;
  /** Whether a call that fails costs the thread, as a failed session poisons it. */
  readonly disposable?: boolean;
}

interface Live<Api> {
  readonly thread: Thread;
  /** Pinned: a collected Comlink proxy silently drops the calls in flight. */
  readonly remote: Remote<Api>;
  /** Rejects when the thread is ended, so that no call waits forever for a dead thread. */
  readonly gone: Promise<never>;
  readonly end: (reason: LatheError) => void;
  /** Of {@link ThreadOptions.onStart}. */
  ready: Promise<unknown>;
}

/** A thread with its typed proxy: made when it is needed, ended and replaced when it fails, never mended. */
export class ThreadLink<Api> {
  private live: Live<Api> | undefined;

  constructor(private readonly options: ThreadOptions<Api>) {}

  async call<Result>(perform: (remote: Remote<Api>) => Promise<Result>): Promise<Result> {
    const live = (this.live ??= this.start());
    try {
      await Promise.race([live.ready, live.gone]);
      return await Promise.race([perform(live.remote), live.gone]);
    } catch (error) {
      if (this.options.disposable === true && this.live === live) this.end(this.asReason(error));
      throw error;
    }
  }

  /** Says something to the thread, if there is one. */
  tell(perform: (remote: Remote<Api>) => Promise<unknown>): void {
    if (this.live) void perform(this.live.remote).catch(() => undefined);
  }

  /** Starts the thread, if there is none, and waits until it can be asked. */
  ready(): Promise<void> {
    return this.call(() => Promise.resolve());
  }

  /** Does again what every new thread does first, for what is to be open has changed. */
  renew(): Promise<void> {
    if (this.live !== undefined) this.live.ready = this.begin(this.live.remote);
    return this.ready();
  }

  /**
   * Asks politely that `running` may stop, and ends the thread if it has not within so many milliseconds.
   * `ask` is told how many of them the thread may give to another one behind it.
   */
  async cancel(
    running: Promise<unknown>,
    ask: (remote: Remote<Api>, within: number) => Promise<unknown>,
    within = GRACE_MS,
  ): Promise<void> {
    const live = this.live;
    if (live === undefined) return;
    // In line behind the run itself, which may not have been sent yet.
    void this.call((remote) => ask(remote, within * PASSED_ON)).catch(() => undefined);
    if (!(await settles(running, within)) && this.live === live) this.end();
  }

  /** Ends the thread; calls in flight reject with `reason`. The next call starts a fresh one. */
  end(reason: LatheError = new CancelledError()): void {
    const live = this.live;
    this.live = undefined;
    live?.thread.terminate();
    live?.end(reason);
  }

  private start(): Live<Api> {
    const thread = this.options.spawn();
    const remote = Comlink.wrap<Api>(thread.endpoint);
    let end: Live<Api>['end'] = () => undefined;
    const gone = new Promise<never>((_resolve, reject) => (end = reject));
    gone.catch(() => undefined);
    const live = { thread, remote, gone, end, ready: this.begin(remote) };
    thread.onFailure?.((said) => {
      if (this.live === live) this.end(this.options.failed(said));
    });
    return live;
  }

  /** The first call to wait for it reports its failure. */
  private begin(remote: Remote<Api>): Promise<unknown> {
    const begun = this.options.onStart?.(remote) ?? Promise.resolve();
    begun.catch(() => undefined);
    return begun;
  }

  private asReason(error: unknown): LatheError {
    if (error instanceof LatheError) return error;
    return this.options.failed(error instanceof Error ? error.message : String(error));
  }
}

/** Whether a promise is settled, either way, within so many milliseconds. */
function settles(promise: Promise<unknown>, within: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, within, false);
    const done = () => {
      clearTimeout(timer);
      resolve(true);
    };
    promise.then(done, done);
  });
}
