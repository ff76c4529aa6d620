import { cacheLayout, type CacheLayout } from '../core/cache/layout.ts';
import { LatheError } from '../core/errors/lathe-error.ts';
import type { Value } from '../core/tensor/values.ts';
import { languageFeeds, tokenInput, type Past, type TokenBatch } from './feeds.ts';
import type { PortInfo, Session } from './types.ts';
import { concatenated, partOf } from './value-parts.ts';
import { castValue, type Feeds } from './values.ts';

/** The key/value cache of an open model, or of one that could be opened; undefined where it offers none. */
export function cacheOf({
  inputs,
  outputs,
}: Pick<Session, 'inputs' | 'outputs'>): CacheLayout | undefined {
  return cacheLayout(inputs, outputs, tokenInput(inputs));
}

/** Tokens that a run takes, where the file fixes their number. */
export function tokensPerRun(inputs: readonly PortInfo[]): number | undefined {
  const size = tokenInput(inputs)?.dims.at(-1);
  return typeof size === 'number' && size >= 1 ? size : undefined;
}

/** Texts that a run takes, where the file fixes their number. */
export function rowsPerRun(inputs: readonly PortInfo[]): number | undefined {
  const { dims = [] } = tokenInput(inputs) ?? {};
  const [size] = dims;
  return dims.length > 1 && typeof size === 'number' && size >= 1 ? size : undefined;
}

/** What reading gave, and what the next tokens may go on from. */
export interface ReadOn {
  /** One row for each token that was read, in the second axis of each. */
  readonly found: Readonly<Record<string, Value>>;
  /** Absent when the cache did not grow by the tokens that were read: it then cannot be gone on from. */
  readonly past?: Past;
}

/**
 * Runs the next tokens of texts behind those the past stands for, and keeps the cache they leave: at once, or piece
 * by piece where the file fixes how many go into a run. Throws `cache-full`, `cache-not-grown`.
 */
export async function readOn(
  session: Session,
  cache: CacheLayout,
  tokens: TokenBatch,
  fetches: readonly string[],
): Promise<ReadOn> {
  const length = Math.max(...tokens.windows.map((w) => w.length));
  assertRoom(cache, (tokens.past?.length ?? 0) + length);
  const size = tokensPerRun(session.inputs) ?? length;
  const pieces: ReadOn['found'][] = [];
  let past = tokens.past;
  for (let from = 0; from < length; from += size) {
    if (from > 0 && past === undefined) throw notGrown();
    const windows = tokens.windows.map((window) => Array.from(window).slice(from, from + size));
    const piece = { ...tokens, windows, past, length: size };
    const step = await readPiece(session, cache, piece, fetches);
    pieces.push(step.found);
    past = step.past;
  }
  return { found: joined(pieces, fetches), ...(past && { past }) };
}

/** One run. A piece that was filled up leaves a cache only where what fills it up is written over. */
async function readPiece(
  session: Session,
  cache: CacheLayout,
  tokens: TokenBatch & { readonly length: number },
  fetches: readonly string[],
): Promise<ReadOn> {
  const presents = cache.pairs.map(({ present }) => present);
  const found = await session.run(languageFeeds(session.inputs, tokens), [...fetches, ...presents]);
  const read = Math.max(...tokens.windows.map((w) => w.length));
  const rows = Object.fromEntries(fetches.map((name) => [name, firstRows(found[name], read)]));
  const length = (tokens.past?.length ?? 0) + read;
  const whole = read === tokens.length || cache.kind === 'buffer';
  const values = whole ? kept(session, cache, found, length) : undefined;
  return { found: rows, ...(values && { past: { length, values } }) };
}

/** The cache after a run, under the names of its inputs; undefined where it did not grow by what was read. */
function kept(
  { inputs }: Session,
  { kind, pairs, capacity }: CacheLayout,
  found: Readonly<Record<string, Value>>,
  length: number,
): Feeds | undefined {
  const values: Record<string, Value> = {};
  for (const { past, present, axis } of pairs) {
    const grown = found[present];
    const size = grown.dims[axis];
    const wanted = kind === 'growing' ? length : capacity;
    const trimmed =
      kind === 'window' && capacity !== undefined && size > capacity
        ? lastOf(grown, axis, capacity)
        : grown;
    if (trimmed.dims[axis] !== wanted) return undefined;
    const type = inputs.find(({ name }) => name === past)?.dataType ?? grown.dataType;
    values[past] = castValue(trimmed, type);
  }
  return values;
}

function assertRoom({ capacity }: CacheLayout, tokens: number): void {
  if (capacity === undefined || tokens <= capacity) return;
  throw new LatheError(
    'cache-full',
    `The model's key/value cache has ${capacity} places, and the text has ${tokens} tokens; give texts of at most ${capacity} tokens, or export the model with a longer cache.`,
    { capacity, tokens },
  );
}

/** The first rows of the second axis; the value itself where there are no more. */
export function firstRows(value: Value, rows: number): Value {
  return hasRows(value) && value.dims[1] > rows ? partOf(value, 1, 0, rows) : value;
}

/** [batch, rows, …]; what has fewer axes tells of the last token only. */
function hasRows({ dims }: Value): boolean {
  return dims.length > 2;
}

function lastOf(value: Value, axis: number, count: number): Value {
  return partOf(value, axis, value.dims[axis] - count, value.dims[axis]);
}

/** Pieces one behind the other in the second axis. */
function joined(pieces: readonly ReadOn['found'][], names: readonly string[]): ReadOn['found'] {
  const last = pieces[pieces.length - 1];
  if (pieces.length === 1) return last;
  return Object.fromEntries(
    names.map((name) => {
      const values = pieces.map((piece) => piece[name]);
      return [name, hasRows(last[name]) ? concatenated(values, 1) : last[name]];
    }),
  );
}

export function notGrown(): LatheError {
  return new LatheError(
    'cache-not-grown',
    'The cache that the model gives back does not hold one entry for each token it read, so it cannot be filled token by token; measure the model in windows.',
  );
}
