import type { OpenModel } from '../../src/engine/model/open.ts';
import { partsBeside } from '../../src/engine/encoder-decoder/write.ts';
import type { Siblings } from '../../src/runtime/evaluate/types.ts';
import type { Runtime, Session } from '../../src/runtime/types.ts';

/** The original parts that an opened part of an encoder-decoder writes with, open as long as it is. */
export class SiblingSessions {
  private open: OpenModel | undefined;
  private sessions: Siblings = {};

  constructor(private readonly runtime: () => Promise<Runtime>) {}

  async of(open: OpenModel): Promise<Siblings> {
    if (this.open === open) return this.sessions;
    await this.release();
    const { encoder, decoder } = await partsBeside(open);
    const [first, second] = [await this.opened(encoder), await this.opened(decoder)];
    this.sessions = { ...(first && { encoder: first }), ...(second && { decoder: second }) };
    this.open = open;
    return this.sessions;
  }

  private async opened(part: OpenModel | undefined): Promise<Session | undefined> {
    return part && (await this.runtime()).open(part.model);
  }

  private async release(): Promise<void> {
    const { encoder, decoder } = this.sessions;
    this.open = undefined;
    this.sessions = {};
    await encoder?.release();
    await decoder?.release();
  }
}
