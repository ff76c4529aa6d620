import { throwIfCancelled } from '../core/errors/lathe-error.ts';
import type { CacheLayout } from '../core/cache/layout.ts';
import { cacheOf, readOn } from './cache-ports.ts';
import { logitsOf, scoreOutput } from './evaluate/logits.ts';
import { languageFeeds, type Past } from './feeds.ts';
import type { Session } from './types.ts';
import type { Value } from '../core/tensor/values.ts';

/** A text that was read: the scores behind it, and the cache to go on from. */
interface Read {
  readonly tokens: readonly number[];
  readonly scores: Float32Array;
  readonly past?: Past;
}

/** Two texts can grow out of one beginning without reading it twice. */
const KEPT = 2;

export interface ReadingOptions {
  /** Most tokens the model sees at once; earlier ones drop out. */
  readonly contextLength: number;
  readonly signal?: AbortSignal;
}

/**
 * Scores behind growing texts. Where the graph offers a key/value cache, only what is new of a text is run;
 * the whole context where it does not, where the cache does not grow as expected, and once the text is longer
 * than the context or a cache of fixed size: what drops out of it moves all positions.
 */
export class TextReader {
  private cache: CacheLayout | undefined;
  private readonly output: string;
  private readonly context: number;
  private reads: readonly Read[] = [];

  constructor(
    private readonly session: Session,
    private readonly options: ReadingOptions,
  ) {
    this.cache = cacheOf(session);
    this.context = Math.min(options.contextLength, this.cache?.capacity ?? Infinity);
    this.output = scoreOutput(session);
  }

  /** The model's scores for the token behind the context. */
  async next(context: readonly number[]): Promise<Float32Array> {
    const tokens = context.slice(-this.context);
    const known = this.reads.find((read) => sameTokens(read.tokens, tokens));
    if (known !== undefined) return known.scores;
    throwIfCancelled(this.options.signal);
    const read = await this.read(tokens);
    this.reads = [read, ...this.reads].slice(0, KEPT);
    return read.scores;
  }

  private async read(tokens: readonly number[]): Promise<Read> {
    if (this.cache === undefined) return this.whole(tokens);
    const { past } = this.reads.find((read) => read.past && begins(tokens, read.tokens)) ?? {};
    const batch = { windows: [tokens.slice(past?.length)], ...(past && { past }) };
    const { found, past: grown } = await readOn(this.session, this.cache, batch, [this.output]);
    if (grown === undefined) this.cache = undefined;
    const scores = this.last(found[this.output]);
    return { tokens, scores, ...(grown && { past: grown }) };
  }

  private async whole(tokens: readonly number[]): Promise<Read> {
    const feeds = languageFeeds(this.session.inputs, { windows: [tokens] });
    const found = await this.session.run(feeds, [this.output]);
    return { tokens, scores: this.last(found[this.output]) };
  }

  private last(value: Value): Float32Array {
    const { values, rows, classes } = logitsOf(this.output, value);
    return values.slice((rows - 1) * classes, rows * classes);
  }
}

function begins(text: readonly number[], beginning: readonly number[]): boolean {
  return beginning.length < text.length && beginning.every((id, i) => id === text[i]);
}

function sameTokens(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((id, i) => id === b[i]);
}
