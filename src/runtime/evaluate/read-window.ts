import type { TokenWindow } from '../../core/data/types.ts';
import { LatheError } from '../../core/errors/lathe-error.ts';
import { cacheOf, readOn, type CachePair } from '../cache-ports.ts';
import { languageFeeds, type Past } from '../feeds.ts';
import type { Session } from '../types.ts';
import type { Feeds } from '../values.ts';
import { logitsOf, runScores, type Logits } from './logits.ts';
import type { Protocol } from './types.ts';

/** Scores behind every token of a window, for each of some outputs; `extra` is what is read beside the tokens. */
export type ReadWindow = (window: TokenWindow, extra?: Feeds) => Promise<Logits[]>;

/**
 * A window at once, or with the cache filled: what is context in it at once, then token by token. Throws
 * `cache-missing`, `cache-not-grown`, `logits-shape`.
 */
export function windowReader(
  session: Session,
  outputs: readonly string[],
  protocol: Protocol = 'windows',
): ReadWindow {
  const read =
    protocol === 'cached' ? cachedReader(session, outputs) : wholeReader(session, outputs);
  return async (window, extra) => {
    const found = await read(window, extra);
    for (const { rows } of found) {
      if (rows !== window.ids.length) throw wrongRows(rows, window.ids.length);
    }
    return found;
  };
}

function wholeReader(session: Session, outputs: readonly string[]): ReadWindow {
  return ({ ids }, extra) =>
    runScores(session, languageFeeds(session.inputs, { windows: [ids], extra }), outputs);
}

function cachedReader(session: Session, outputs: readonly string[]): ReadWindow {
  const pairs = cacheOf(session);
  if (pairs === undefined) throw cacheMissing();
  return async (window) => joined(await pieces(session, pairs, outputs, window));
}

/** What each run gave: of the context, then of one token after another. */
async function pieces(
  session: Session,
  pairs: readonly CachePair[],
  outputs: readonly string[],
  { ids, firstCounted }: TokenWindow,
): Promise<Logits[][]> {
  const all: Logits[][] = [];
  let past: Past | undefined;
  for (let from = 0; from < ids.length; from = past.length) {
    const window = ids.subarray(from, from === 0 ? firstCounted : from + 1);
    const step = await readOn(session, pairs, { windows: [window], past }, outputs);
    all.push(outputs.map((output) => logitsOf(output, step.found[output])));
    past = step.past;
    if (past === undefined) throw notGrown();
  }
  return all;
}

/** Rows of all pieces one after another, output by output. */
function joined(all: readonly (readonly Logits[])[]): Logits[] {
  return all[0].map(({ classes }, output) => {
    const parts = all.map((piece) => piece[output]);
    const rows = parts.reduce((sum, part) => sum + part.rows, 0);
    const values = new Float32Array(rows * classes);
    let at = 0;
    for (const part of parts) {
      values.set(part.values, at);
      at += part.values.length;
    }
    return { values, rows, classes };
  });
}

function cacheMissing(): LatheError {
  return new LatheError(
    'cache-missing',
    'The model offers no key/value cache (inputs "past_key_values…" with outputs "present…"), so it cannot be measured with its cache filled; measure it in windows, or export it with its cache.',
  );
}

function notGrown(): LatheError {
  return new LatheError(
    'cache-not-grown',
    'The cache that the model gives back does not hold one entry for each token it read, so it cannot be filled token by token; measure the model in windows.',
  );
}

function wrongRows(rows: number, tokens: number): LatheError {
  return new LatheError(
    'logits-shape',
    `The model gave ${rows} rows of scores for ${tokens} tokens, but perplexity needs one per token; export the model so that it returns the logits of all positions.`,
    { rows, tokens },
  );
}
