import { bytesOf, hashBytes } from '../core/data/fingerprint.ts';
import type { Session } from './types.ts';
import type { Feeds } from './values.ts';

type Outputs = Awaited<ReturnType<Session['run']>>;

/** Scores of a few hundred short texts, or of ten thousand pictures. */
const MOST_BYTES = 64e6;

/**
 * What one session gave for what it was fed, up to a number of bytes: what comes later is computed every time. Holds
 * the outputs of one session at a time.
 */
export class RunMemory {
  #of = '';
  #bytes = 0;
  readonly #known = new Map<string, Outputs>();

  constructor(private readonly most = MOST_BYTES) {}

  /** Forgets all that is not of this session, which is named by all that its outputs depend on beside its feeds. */
  begin(of: string): this {
    if (of !== this.#of) {
      this.#known.clear();
      this.#bytes = 0;
    }
    this.#of = of;
    return this;
  }

  get(key: string): Outputs | undefined {
    return this.#known.get(key);
  }

  keep(key: string, outputs: Outputs): void {
    const size = Object.values(outputs).reduce((sum, { data }) => sum + data.byteLength, 0);
    if (this.#bytes + size > this.most) return;
    this.#bytes += size;
    this.#known.set(key, outputs);
  }
}

/** The session, which is not run again on what it was run on before. Its outputs are looked at only. */
export function remembering(session: Session, memory: RunMemory): Session {
  return {
    inputs: session.inputs,
    outputs: session.outputs,
    runOnDevice: (feeds) => session.runOnDevice(feeds),
    release: () => session.release(),
    async run(feeds, fetches) {
      const key = keyOf(feeds, fetches);
      const known = memory.get(key);
      if (known !== undefined) return known;
      const outputs = await session.run(feeds, fetches);
      memory.keep(key, outputs);
      return outputs;
    },
  };
}

function keyOf(feeds: Feeds, fetches: readonly string[] = []): string {
  const parts = Object.entries(feeds).map(([name, { dataType, dims, data }]) =>
    [name, dataType, dims.join('×'), hashBytes(bytesOf(data))].join(' '),
  );
  return [...parts, ...fetches].join('\n');
}
