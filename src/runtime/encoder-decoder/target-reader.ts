import { throwIfCancelled } from '../../core/errors/lathe-error.ts';
import { logitsOf, scoreOutput } from '../evaluate/logits.ts';
import { languageFeeds, type Past } from '../feeds.ts';
import type { ContextReader } from '../generate.ts';
import type { Session } from '../types.ts';
import type { Feeds } from '../values.ts';
import { crossCache, grownCache, presentNames, type CachePort } from './cross-cache.ts';

/** A decoder as exporters cut it. */
export interface Decoder {
  /** Reads the beginning of a target and the encoder's states. */
  readonly first: Session;
  /** Goes on from the cache; `first` itself where it takes one, or where there is none, reads all again. */
  readonly next?: Session;
}

/** A target that was read: the scores behind it, and the cache to go on from. */
interface Read {
  readonly tokens: readonly number[];
  readonly scores: Float32Array;
  readonly past?: Past;
}

/** Two texts can grow out of one beginning without reading it twice. */
const KEPT = 2;

/**
 * Scores behind growing targets of one source. The first run makes the cache, of the encoder's states once and for
 * all; each later token is read alone. Without a cache the whole target is read for each.
 */
export class TargetReader implements ContextReader {
  private readonly session: Session;
  private readonly ports: readonly CachePort[] | undefined;
  private reads: readonly Read[] = [];

  /** `states` are the decoder's inputs that its encoder gave. */
  constructor(
    private readonly decoder: Decoder,
    private readonly states: Feeds,
    private readonly signal?: AbortSignal,
  ) {
    this.session = decoder.next ?? decoder.first;
    this.ports = crossCache(this.session, decoder.first);
  }

  /** The model's scores for the token behind the context. */
  async next(context: readonly number[]): Promise<Float32Array> {
    const known = this.reads.find(({ tokens }) => isBeginning(tokens, context));
    if (known?.tokens.length === context.length) return known.scores;
    let read = known?.past === undefined ? undefined : known;
    read ??= await this.begin([...context]);
    while (read.tokens.length < context.length) {
      read = await this.goOn(read, context[read.tokens.length]);
    }
    this.reads = [read, ...this.reads].slice(0, KEPT);
    return read.scores;
  }

  private async begin(tokens: readonly number[]): Promise<Read> {
    throwIfCancelled(this.signal);
    const { first } = this.decoder;
    const { ports } = this;
    const feeds = languageFeeds(first.inputs, { windows: [tokens], extra: this.states });
    const output = scoreOutput(first);
    const found = await first.run(feeds, [output, ...(ports ? presentNames(first, ports) : [])]);
    const past = ports && { length: tokens.length, values: grownCache(ports, found) };
    return { tokens, scores: lastRow(output, found[output]), ...(past && { past }) };
  }

  private async goOn({ tokens, past }: Read, token: number): Promise<Read> {
    throwIfCancelled(this.signal);
    const ports = this.ports ?? [];
    const { session } = this;
    const batch = { windows: [[token]], extra: this.states, ...(past && { past }) };
    const output = scoreOutput(session);
    const found = await session.run(languageFeeds(session.inputs, batch), [
      output,
      ...presentNames(session, ports),
    ]);
    const values = grownCache(ports, found, past?.values);
    return {
      tokens: [...tokens, token],
      scores: lastRow(output, found[output]),
      past: { length: tokens.length + 1, values },
    };
  }
}

function lastRow(name: string, value: Parameters<typeof logitsOf>[1]): Float32Array {
  const { values, rows, classes } = logitsOf(name, value);
  return values.slice((rows - 1) * classes, rows * classes);
}

function isBeginning(beginning: readonly number[], text: readonly number[]): boolean {
  return beginning.length <= text.length && beginning.every((id, i) => id === text[i]);
}
