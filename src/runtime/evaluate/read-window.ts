import type { CacheLayout } from '../../core/cache/layout.ts';
import { cacheContradiction, cacheUnpaired } from '../../core/cache/problems.ts';
import type { TokenWindow } from '../../core/data/types.ts';
import { LatheError } from '../../core/errors/lathe-error.ts';
import type { Value } from '../../core/tensor/values.ts';
import { cacheOf, firstRows, notGrown, readOn, rowsPerRun, tokensPerRun } from '../cache-ports.ts';
import { languageFeeds, tokenInput } from '../feeds.ts';
import type { Session } from '../types.ts';
import { firstCache, type FirstCache } from './first-cache.ts';
import { logitsOf, type Logits } from './logits.ts';
import type { Contender, Protocol } from './types.ts';

/** Scores behind every token of windows of equal length and context: by window, for each of some outputs. */
export type ReadWindows = (windows: readonly TokenWindow[]) => Promise<Logits[][]>;

export interface WindowReader {
  readonly read: ReadWindows;
  /** Windows of a length that it reads side by side, at most. */
  readonly together: (length: number) => number;
  /** The first token of a window that it scores by itself. */
  readonly firstScored: number;
}

/** Scores that are held at once, at most: 128 MB. */
const MOST_SCORES = 32e6;
const MOST_WINDOWS = 8;

/**
 * A window at once, or with the cache filled: what is context in it at once, then token by token, several windows
 * side by side. A decoder that takes a fixed number of tokens a run reads a longer window piece by piece through its
 * cache. Throws `cache-missing`, `cache-not-grown`, `cache-full`, `cache-empty`, `logits-shape`.
 */
export async function windowReader(
  contender: Contender,
  outputs: readonly string[],
  protocol: Protocol = 'windows',
): Promise<WindowReader> {
  const { session } = contender;
  const cache = cacheOf(session);
  const problem = cacheContradiction(session.inputs, session.outputs, tokenInput(session.inputs));
  if (problem !== undefined) throw problem;
  if (protocol === 'cached' && cache === undefined) throw cacheMissing(session);
  const single = cache !== undefined && tokensPerRun(session.inputs) === 1;
  if (cache === undefined || (protocol !== 'cached' && !single)) {
    return { read: oneByOne(session, cache, outputs), together: () => 1, firstScored: 1 };
  }
  const first = await firstCache(contender, cache);
  return {
    read: (windows) => stepwise(session, cache, outputs, windows, first),
    together: (length) => mostTogether(session, outputs, length),
    firstScored: first === undefined ? 1 : 2,
  };
}

function oneByOne(
  session: Session,
  cache: CacheLayout | undefined,
  outputs: readonly string[],
): ReadWindows {
  return async (windows) => {
    const all: Logits[][] = [];
    for (const { ids } of windows) {
      const found = await whole(session, cache, outputs, ids);
      all.push(outputs.map((output) => checked(ids.length, logitsOf(output, found[output]))));
    }
    return all;
  };
}

/** One window in one run; in several where it has more tokens than the file lets into one. */
async function whole(
  session: Session,
  cache: CacheLayout | undefined,
  outputs: readonly string[],
  ids: TokenWindow['ids'],
): Promise<Readonly<Record<string, Value>>> {
  const fixed = tokensPerRun(session.inputs);
  if (cache !== undefined && fixed !== undefined && fixed !== ids.length) {
    return (await readOn(session, cache, { windows: [ids] }, outputs)).found;
  }
  const length = Math.max(fixed ?? 0, ids.length);
  const found = await session.run(
    languageFeeds(session.inputs, { windows: [ids], length }),
    outputs,
  );
  return Object.fromEntries(outputs.map((name) => [name, firstRows(found[name], ids.length)]));
}

/** Of the context at once, then of one token after another. */
async function stepwise(
  session: Session,
  cache: CacheLayout,
  outputs: readonly string[],
  windows: readonly TokenWindow[],
  first: FirstCache | undefined,
): Promise<Logits[][]> {
  const rows = filledUp(windows, rowsPerRun(session.inputs));
  const [{ ids, firstCounted }] = windows;
  const cut = (from: number, to: number) => rows.map((window) => window.ids.subarray(from, to));
  const start = await first?.(cut(0, firstCounted - 1));
  const pieces = start === undefined ? [] : [outputs.map(() => start.scores)];
  let past = start?.past;
  for (let from = past?.length ?? 0; from < ids.length; from = past.length) {
    const to = from === 0 ? firstCounted : from + 1;
    const step = await readOn(session, cache, { windows: cut(from, to), past }, outputs);
    pieces.push(outputs.map((output) => logitsOf(output, step.found[output])));
    past = step.past;
    if (past === undefined) throw notGrown();
  }
  return windows.map((_, row) =>
    outputs.map((__, output) => {
      const behind = pieces.map((piece) => piece[output]);
      return checked(ids.length, joined(behind, row, rows.length));
    }),
  );
}

/** Rows of one window in all pieces one after another; a piece holds windows one after another. */
function joined(pieces: readonly Logits[], window: number, windows: number): Logits {
  const classes = pieces[pieces.length - 1].classes;
  const own = pieces.map(({ values }) => {
    const size = values.length / windows;
    return values.subarray(window * size, (window + 1) * size);
  });
  const values = new Float32Array(own.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of own) {
    values.set(part, at);
    at += part.length;
  }
  return { values, rows: values.length / classes, classes };
}

/** As many as the file fixes, the last again and again. */
function filledUp(
  windows: readonly TokenWindow[],
  fixed: number | undefined,
): readonly TokenWindow[] {
  const missing = Math.max(0, (fixed ?? 0) - windows.length);
  return [...windows, ...new Array<TokenWindow>(missing).fill(windows[windows.length - 1])];
}

function mostTogether(
  { inputs, outputs }: Session,
  names: readonly string[],
  length: number,
): number {
  const fixed = rowsPerRun(inputs);
  const classes = outputs.find(({ name }) => name === names[0])?.dims.at(-1);
  const scores = length * names.length * (typeof classes === 'number' ? classes : 50_000);
  const fitting = Math.floor(MOST_SCORES / scores);
  return Math.max(1, Math.min(fixed ?? MOST_WINDOWS, MOST_WINDOWS, fitting));
}

function checked(tokens: number, logits: Logits): Logits {
  if (logits.rows !== tokens) throw wrongRows(logits.rows, tokens);
  return logits;
}

function cacheMissing({ inputs, outputs }: Session): LatheError {
  const none = new LatheError(
    'cache-missing',
    'The model offers no key/value cache (inputs "past_key_values…" with outputs "present…"), so it cannot be measured with its cache filled; measure it in windows, or export it with its cache.',
  );
  return cacheUnpaired(inputs, outputs) ?? none;
}

function wrongRows(rows: number, tokens: number): LatheError {
  return new LatheError(
    'logits-shape',
    `The model gave ${rows} rows of scores for ${tokens} tokens, but perplexity needs one per token; export the model so that it returns the logits of all positions.`,
    { rows, tokens },
  );
}
