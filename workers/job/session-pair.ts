import { withoutAdapters } from '../../src/core/adapters/find.ts';
import type { Model } from '../../src/core/onnx/types.ts';
import { openWritten, readWritten } from '../../src/engine/model/written.ts';
import type { TrialStore } from '../../src/engine/trials/store.ts';
import type { Runtime, Session } from '../../src/runtime/types.ts';
import { ORIGINAL, readSide } from '../protocol.ts';
import type { Pair } from './try-it.ts';

/**
 * The two models that were tried last stay open, so that a second prompt answers at once, and changing one
 * side opens one model. One question at a time: nothing is closed under the feet of another.
 */
export class SessionPair {
  private model: Model | undefined;
  private readonly sessions = new Map<string, Session>();
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly runtime: () => Promise<Runtime>,
    private readonly store: Pick<TrialStore, 'written'>,
  ) {}

  /** Ids of trials, or {@link ORIGINAL}. */
  use<Result>(
    model: Model,
    left: string,
    right: string,
    work: (pair: Pair) => Promise<Result>,
  ): Promise<Result> {
    const turn = this.last.then(async () => work(await this.open(model, left, right)));
    this.last = turn.catch(() => undefined);
    return turn;
  }

  private async open(model: Model, left: string, right: string): Promise<Pair> {
    const another = this.model !== model;
    this.model = model;
    for (const [id, session] of this.sessions) {
      if (!another && (id === left || id === right)) continue;
      this.sessions.delete(id);
      await session.release();
    }
    return { left: await this.session(model, left), right: await this.session(model, right) };
  }

  private async session(model: Model, id: string): Promise<Session> {
    const known = this.sessions.get(id);
    if (known !== undefined) return known;
    const session = await this.opened(model, id);
    this.sessions.set(id, session);
    return session;
  }

  private async opened(model: Model, id: string): Promise<Session> {
    const runtime = await this.runtime();
    if (id === ORIGINAL) return runtime.open(model);
    const { trial, off } = readSide(id);
    const written = await this.store.written(trial);
    return off
      ? runtime.open(withoutAdapters(await readWritten(written)))
      : openWritten(runtime, written);
  }
}
