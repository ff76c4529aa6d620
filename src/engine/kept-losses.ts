import { z } from 'zod';
import type { AblationLoss } from '../core/ablation/types.ts';
import { sha256OfJson } from './hash.ts';
import type { Host } from './host.ts';

const LossesSchema = z.array(
  z.object({
    measure: z.enum(['kl', 'relative distance']),
    value: z.number(),
    standardError: z.number(),
    n: z.int().min(0),
  }),
) satisfies z.ZodType<AblationLoss[]>;

/** What one request for losses came to, kept beside the stages: a decision that was stopped goes on from there. */
export class KeptLosses {
  constructor(
    private readonly host: Partial<Pick<Host, 'storage' | 'temporary'>>,
    /** Each loss's own key, in order. */
    private readonly keys: readonly string[],
  ) {}

  /** Undefined where nothing was kept, or nothing that can be read. */
  async read(): Promise<readonly AblationLoss[] | undefined> {
    const file = await this.host.storage?.open(await this.#path());
    if (file === undefined) return undefined;
    const text = new TextDecoder().decode(await file.read(0, file.byteLength));
    const losses = LossesSchema.safeParse(parsed(text)).data;
    return losses?.length === this.keys.length ? losses : undefined;
  }

  /** Without a word where that fails: a full storage costs time in another sitting, never this one. */
  async write(losses: readonly AblationLoss[]): Promise<void> {
    const { storage, temporary } = this.host;
    if (storage === undefined || temporary === true) return;
    const bytes = new TextEncoder().encode(JSON.stringify(losses));
    await storage.write(await this.#path(), [bytes]).catch(() => {});
  }

  async #path(): Promise<string> {
    return `losses/${await sha256OfJson(this.keys)}.json`;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
