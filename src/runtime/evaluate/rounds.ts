import type { Evaluation, EvaluationOptions, SoFar } from './types.ts';

/** Windows or examples before anything is said: the error of fewer is a guess itself. */
const FIRST = 4;
/** Each word covers so many times what the one before did: all of them together look at every value a few times. */
const GROWTH = 1.3;
const EVERY_MS = 500;

/** What an evaluation comes to so far, without metrics that take long. */
export type Found = Pick<Evaluation, 'original' | 'compressed' | 'difference'>;

/** Goes along with an evaluation: says how far it is and what it came to so far, and ends it when that is enough. */
export class Rounds {
  #due = FIRST;
  #said = -Infinity;
  #stopped: Evaluation['stopped'];

  constructor(
    private readonly hooks: EvaluationOptions,
    /** Windows or examples in all. */
    private readonly of: number,
    private readonly clock: () => number,
  ) {}

  /** After each group, with how many are done: whether the evaluation ends here, before the last. */
  over(done: number, found: () => Found): boolean {
    const { hooks, of } = this;
    hooks.progress?.(Math.min(1, done / of), `${done} of ${of}`);
    if (done >= of) return false;
    this.#say(done, found);
    if (hooks.enough?.() !== true) return false;
    this.#stopped = { done, of };
    return true;
  }

  /** For the evaluation's result: where it was ended before the last. */
  get ending(): Pick<Evaluation, 'stopped'> {
    return this.#stopped ? { stopped: this.#stopped } : {};
  }

  #say(done: number, found: () => Found): void {
    const interim: ((soFar: SoFar) => void) | undefined = this.hooks.interim;
    const now = this.clock();
    if (interim === undefined || done < this.#due || now - this.#said < EVERY_MS) return;
    this.#said = now;
    this.#due = Math.ceil(done * GROWTH);
    interim({ done, of: this.of, ...found() });
  }
}
