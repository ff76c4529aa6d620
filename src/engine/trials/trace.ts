import { CancelledError } from '../../core/errors/lathe-error.ts';
import type { Host } from '../host.ts';
import type { ProgressEvent } from '../progress.ts';
import { TrialStore } from './store.ts';
import type { Trial } from './types.ts';

const GO_ON = 'run its recipe again to go on: finished steps are kept';

/**
 * What a run leaves behind that did not finish: a trial without a file that tells how far it came. While the run goes
 * on, a mark stands for it, which becomes that trial should the page go away under it.
 */
export class Trace {
  readonly #store: TrialStore;
  #latest: ProgressEvent | undefined;
  #open: Omit<Trial, 'state'> | undefined;
  /** Writes one after another: the last word is the newest. */
  #written = Promise.resolve();

  constructor(private readonly host: Host) {
    this.#store = new TrialStore(host.storage);
  }

  reached(event: ProgressEvent): void {
    const another = event.stage !== this.#latest?.stage;
    this.#latest = event;
    if (another) this.#mark();
  }

  /** Does the work, and keeps what there is to say when it does not finish. */
  async during<T>(trial: Omit<Trial, 'state'>, work: () => Promise<T>): Promise<T> {
    const { holdRun } = this.host;
    if (holdRun === undefined) return work();
    const letGo = await holdRun(trial.id);
    this.#open = trial;
    this.#mark();
    try {
      return await work();
    } catch (error) {
      await this.#keep(trial, error);
      throw error;
    } finally {
      this.#open = undefined;
      await this.#written;
      await this.#store.unmark(trial.id);
      letGo();
    }
  }

  #mark(): void {
    const trial = this.#open;
    if (trial === undefined) return;
    const message = `Ended ${this.#place(false)} before it was finished, because the page was closed or reloaded, or the run was stopped; ${GO_ON}.`;
    const mark = { ...trial, state: 'cancelled', message } as const;
    const write = () => this.#store.mark(mark);
    // A full storage costs the trace, never the run.
    this.#written = this.#written.then(write).catch(() => undefined);
  }

  async #keep(trial: Omit<Trial, 'state'>, error: unknown): Promise<void> {
    const cancelled = error instanceof CancelledError;
    const said = error instanceof Error ? error.message : String(error);
    const message = cancelled
      ? `Cancelled ${this.#place(true)}; ${GO_ON}.`
      : `Failed ${this.#place(true)}: ${said}`;
    const state = cancelled ? 'cancelled' : 'failed';
    await this.#store.leave({ ...trial, state, message }).catch(() => undefined);
  }

  /** "at GPTQ, layer 7 of 36" */
  #place(exactly: boolean): string {
    if (this.#latest === undefined) return 'before the first step';
    const { stage, detail } = this.#latest;
    return `at ${stage}${exactly && detail !== undefined ? `, ${detail}` : ''}`;
  }
}
