/** Milliseconds of work: pauses do not count. */
export class WorkClock {
  #rested = 0;
  #resting: Promise<void> | undefined;

  constructor(private readonly clock: () => number) {}

  readonly now = (): number => this.clock() - this.#rested;

  /** The same question, with an eye on how long its answer takes. */
  watched(paused: () => Promise<void> | undefined): () => Promise<void> | undefined {
    return () => {
      const over = paused();
      if (over === undefined || over === this.#resting) return over;
      this.#resting = over;
      const begin = this.clock();
      return over.then(() => {
        this.#rested += this.clock() - begin;
      });
    };
  }
}
