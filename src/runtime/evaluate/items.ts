import type { TokenWindow } from '../../core/data/types.ts';
import { throwIfCancelled } from '../../core/errors/lathe-error.ts';
import { languageFeeds } from '../feeds.ts';
import type { Session } from '../types.ts';
import type { Feeds } from '../values.ts';
import { inOwnTokens } from './columns.ts';
import { lengthsOf, mainMetrics, summary } from './language-model.ts';
import { measuredOutputs, runLogits, type Logits } from './logits.ts';
import { Rounds } from './rounds.ts';
import { newTracks, scoreWindow } from './score-window.ts';
import type { Contenders, Evaluation, EvaluationOptions } from './types.ts';

/** What a window's models read beside its tokens, by the names of their inputs. */
export interface ItemFeeds {
  readonly original: Feeds;
  readonly model: Feeds;
}

/** A window, with what else its models read: made when it is its turn, and dropped after it. */
export interface Item {
  readonly window: TokenWindow;
  readonly feeds: () => Promise<ItemFeeds>;
}

/** Scores behind every token of a window. */
export type ReadItem = (window: TokenWindow, beside: Feeds) => Promise<Logits>;

/** How a model reads: its session and the output that holds its scores. */
export type Reader = (session: Session, output: string) => ReadItem;

/** All tokens at once. */
export const wholeReader: Reader = (session, output) => (window, extra) =>
  runLogits(session, languageFeeds(session.inputs, { windows: [window.ids], extra }), output);

/**
 * Measures a model on windows that are not all it reads, and its distance from the original on the original's full
 * logits. Throws `logits-shape`, `index-out-of-range`, `vocabularies-differ`, and what making the feeds throws.
 */
export async function evaluateItems(
  { original, model }: Contenders,
  items: readonly Item[],
  hooks: EvaluationOptions = {},
  reader: Reader = wholeReader,
): Promise<Evaluation> {
  const clock = hooks.clock ?? (() => performance.now());
  const readerOf = (contender: typeof model): ReadItem =>
    reader(contender.session, measuredOutputs(contender).names[0]);
  const read = readerOf(model);
  const reference = original && readerOf(original);
  const own = inOwnTokens(model.columns);
  const tracks = newTracks();
  const start = clock();
  const compared = original !== undefined;
  const rounds = new Rounds(hooks, items.length, clock);
  const lengths: number[] = [];
  let tokens = 0;
  for (const { window, feeds } of items) {
    throwIfCancelled(hooks.signal);
    const scored = { own: own(window), columns: model.columns };
    const beside = await feeds();
    const found = await read(scored.own, beside.model);
    const wanted = await reference?.(window, beside.original);
    scoreWindow(wanted, found, scored, tracks);
    hooks.scored?.(wanted, found, window);
    tokens += window.ids.length;
    lengths.push(...lengthsOf([window]));
    if (rounds.over(lengths.length, () => mainMetrics(tracks, lengths, compared))) break;
  }
  const seconds = Math.max(clock() - start, 1e-3) / 1000;
  const rate = { runs: lengths.length, tokensPerSecond: tokens / seconds };
  return { ...summary(tracks, lengths, compared), ...rate, ...rounds.ending };
}
