import * as Comlink from 'comlink';
import { CancelledError, LatheError } from '../../core/errors/lathe-error.ts';
import { installErrorCodec } from '../../../workers/errors.ts';

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

interface Live<Api> {
  readonly thread: Thread;
  /** Pinned: a collected Comlink proxy silently drops the calls in flight. */
  readonly remote: Comlink.Remote<Api>;
  /** Rejects when the thread is ended, so that no call waits forever for a dead thread. */
  readonly gone: Promise<never>;
  readonly end: (reason: LatheError) => void;
}

/** One worker with its typed proxy; ended and replaced, never reused after a failure. */
export class WorkerLink<Api> {
  private live: Live<Api> | undefined;
  private ended = 0;

  constructor(
    private readonly spawn: Spawn,
    private readonly name: string,
  ) {}

  async call<Result>(perform: (remote: Comlink.Remote<Api>) => Promise<Result>): Promise<Result> {
    const live = (this.live ??= this.start());
    return Promise.race([perform(live.remote), live.gone]);
  }

  /** Changes whenever a thread is lost, and with it all that was open in it. */
  get generation(): number {
    return this.ended;
  }

  /** Ends the thread; calls in flight reject with `reason`. The next call starts a fresh one. */
  end(reason: LatheError = new CancelledError()): void {
    const live = this.live;
    this.live = undefined;
    this.ended += 1;
    live?.end(reason);
    live?.thread.terminate();
  }

  private start(): Live<Api> {
    const thread = this.spawn();
    let end: (reason: LatheError) => void = () => undefined;
    const gone = new Promise<never>((_resolve, reject) => (end = reject));
    gone.catch(() => undefined);
    thread.onFailure?.((message) => this.end(this.failure(message)));
    return { thread, remote: Comlink.wrap<Api>(thread.endpoint), gone, end };
  }

  private failure(message: string): LatheError {
    return new LatheError(
      'worker-failed',
      `The ${this.name} stopped unexpectedly (${message}). Finished trials are safe; try the last action again.`,
      { message },
    );
  }
}
