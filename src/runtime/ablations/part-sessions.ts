import type { GatedPart } from '../../core/ablation/gated-parts.ts';
import { LatheError } from '../../core/errors/lathe-error.ts';
import type { Value } from '../../core/tensor/values.ts';
import { FUSED_AWAY } from '../ort-sentences.ts';
import type { Runtime, Session } from '../types.ts';
import type { Feeds } from '../values.ts';

/** The parts of one model, each opened when it is first run. */
export class PartSessions {
  readonly #open = new Map<GatedPart, Session>();
  /** Parts in which a fusion swallowed a value that another part reads. */
  readonly #basic = new Set<GatedPart>();

  constructor(
    private readonly runtime: Runtime,
    /** False: the model is too large for that, and one part is open at a time. */
    private readonly together: boolean,
  ) {}

  async run(part: GatedPart, feeds: Feeds): Promise<Record<string, Value>> {
    try {
      return await (await this.#session(part)).run(feeds, part.outputs);
    } catch (error) {
      const again = error instanceof LatheError && error.code === FUSED_AWAY;
      if (!again || this.#basic.has(part)) throw error;
      this.#basic.add(part);
      await this.#close(part);
      return this.run(part, feeds);
    }
  }

  async #session(part: GatedPart): Promise<Session> {
    const known = this.#open.get(part);
    if (known !== undefined) return known;
    if (!this.together) await this.release();
    const basic = this.#basic.has(part) && ({ optimization: 'basic' } as const);
    const session = await this.runtime.open(part.model, { ...basic });
    this.#open.set(part, session);
    return session;
  }

  async #close(part: GatedPart): Promise<void> {
    await this.#open.get(part)?.release();
    this.#open.delete(part);
  }

  async release(): Promise<void> {
    for (const part of [...this.#open.keys()]) await this.#close(part);
  }
}
