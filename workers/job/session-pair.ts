import type { Model } from '../../src/core/onnx/types.ts';
import { openWritten } from '../../src/engine/model/written.ts';
import type { TrialStore } from '../../src/engine/trials/store.ts';
import type { Runtime, Session } from '../../src/runtime/types.ts';
import type { Pair } from './try-it.ts';

interface Open {
  readonly model: Model;
  readonly trialId: string;
  readonly pair: Pair;
}

/** The last original and trial that were tried stay open, so that a second prompt answers at once. */
export class SessionPair {
  private current: Open | undefined;

  constructor(
    private readonly runtime: () => Promise<Runtime>,
    private readonly store: TrialStore,
  ) {}

  async open(model: Model, trialId: string): Promise<Pair> {
    const known = this.current;
    if (known?.model === model && known.trialId === trialId) return known.pair;
    await this.release();
    const pair = await this.openPair(model, trialId);
    this.current = { model, trialId, pair };
    return pair;
  }

  private async openPair(model: Model, trialId: string): Promise<Pair> {
    const runtime = await this.runtime();
    const written = await this.store.written(trialId);
    const original = await runtime.open(model);
    try {
      const compressed = await openWritten(runtime, written);
      return { original, compressed };
    } catch (error) {
      await original.release();
      throw error;
    }
  }

  private async release(): Promise<void> {
    const sessions: Session[] = Object.values(this.current?.pair ?? {}) as Session[];
    this.current = undefined;
    for (const session of sessions) await session.release();
  }
}
