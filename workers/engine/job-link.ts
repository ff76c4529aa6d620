import * as Comlink from 'comlink';
import { CancelledError, LatheError } from '../../src/core/errors/lathe-error.ts';
import type { JobWorker } from '../job/job-protocol.ts';
import type { ModelFolder } from '../protocol.ts';

interface Live {
  readonly worker: Worker;
  /** Pinned: a collected Comlink proxy silently drops the calls in flight. */
  readonly remote: Comlink.Remote<JobWorker>;
  /** Rejects when the thread is ended, so that no call waits for a dead thread. */
  readonly gone: Promise<never>;
  readonly end: (reason: LatheError) => void;
  readonly ready: Promise<void>;
}

/** How long a cooperative cancel may take before the thread is ended. */
const GRACE_MS = 700;

/**
 * A job thread that is made when it is needed and thrown away after a cancel, a failure or when
 * another model is opened: WebAssembly heaps never shrink, and a failed session poisons its thread.
 */
export class JobLink {
  private live: Live | undefined;

  constructor(private readonly folder: () => ModelFolder) {}

  async call<Result>(
    perform: (remote: Comlink.Remote<JobWorker>) => Promise<Result>,
  ): Promise<Result> {
    const live = (this.live ??= this.start());
    try {
      await Promise.race([live.ready, live.gone]);
      return await Promise.race([perform(live.remote), live.gone]);
    } catch (error) {
      if (this.live === live) this.end(asLatheError(error));
      throw error;
    }
  }

  /** Says something to the thread, if there is one. */
  tell(perform: (remote: Comlink.Remote<JobWorker>) => Promise<unknown>): void {
    if (this.live) void perform(this.live.remote).catch(() => undefined);
  }

  /** Sets the flag, and ends the thread if it has not stopped in time. */
  async cancel(settled: Promise<unknown>): Promise<void> {
    const live = this.live;
    if (live === undefined) return;
    void live.remote.cancel().catch(() => undefined);
    const late = new Promise<'late'>((resolve) => setTimeout(resolve, GRACE_MS, 'late'));
    const done = settled.then(
      () => 'done' as const,
      () => 'done' as const,
    );
    if ((await Promise.race([done, late])) === 'late' && this.live === live) {
      this.end(new CancelledError());
    }
  }

  /** Ends the thread; calls in flight reject with `reason`. */
  end(reason: LatheError = new CancelledError()): void {
    const live = this.live;
    this.live = undefined;
    live?.worker.terminate();
    live?.end(reason);
  }

  private start(): Live {
    const worker = new Worker(new URL('../job.worker.ts', import.meta.url), { type: 'module' });
    const remote = Comlink.wrap<JobWorker>(worker);
    let end: Live['end'] = () => undefined;
    const gone = new Promise<never>((_, reject) => {
      end = reject;
    });
    gone.catch(() => undefined);
    worker.addEventListener('error', (event) => {
      event.preventDefault();
      end(threadFailed(event.message));
    });
    const ready = remote.open(this.folder());
    ready.catch(() => undefined);
    return { worker, remote, gone, end, ready };
  }
}

function asLatheError(error: unknown): LatheError {
  if (error instanceof LatheError) return error;
  return threadFailed(error instanceof Error ? error.message : String(error));
}

function threadFailed(said: string): LatheError {
  return new LatheError(
    'job-failed',
    `The computing thread stopped unexpectedly (${said || 'its script could not be loaded'}); everything finished is kept, run again.`,
  );
}
