/** A door for loops to wait at: open, until somebody shuts it. */
export class Pause {
  private waiting: { readonly over: Promise<void>; readonly end: () => void } | undefined;

  /** Resolves when the work may go on; undefined while it may. */
  over(): Promise<void> | undefined {
    return this.waiting?.over;
  }

  begin(): void {
    if (this.waiting !== undefined) return;
    let end: () => void = () => undefined;
    const over = new Promise<void>((resolve) => (end = resolve));
    this.waiting = { over, end };
  }

  end(): void {
    this.waiting?.end();
    this.waiting = undefined;
  }
}
