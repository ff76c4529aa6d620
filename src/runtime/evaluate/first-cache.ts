import type { CacheLayout } from '../../core/cache/layout.ts';
import { LatheError } from '../../core/errors/lathe-error.ts';
import { readOn, rowsPerRun, tokensPerRun } from '../cache-ports.ts';
import { languageFeeds, type Past } from '../feeds.ts';
import type { Session } from '../types.ts';
import { logitsOf, scoreOutput, type Logits } from './logits.ts';
import type { Contender } from './types.ts';

/** The cache that the first tokens of texts leave, and the scores behind them. */
export type FirstCache = (
  windows: readonly ArrayLike<number>[],
) => Promise<{ readonly scores: Logits; readonly past: Past }>;

/**
 * Who reads the first tokens in place of a decoder that takes one token behind a cache: nobody where it goes on from
 * an empty cache, which is tried, else the decoder of the same model that reads whole texts. Throws `cache-empty`,
 * `cache-other-part`.
 */
export async function firstCache(
  { session, primer }: Contender,
  cache: CacheLayout,
): Promise<FirstCache | undefined> {
  if (tokensPerRun(session.inputs) !== 1 || cache.kind !== 'growing') return undefined;
  try {
    const windows = new Array<number[]>(rowsPerRun(session.inputs) ?? 1).fill([0]);
    await readOn(session, cache, { windows }, []);
    return undefined;
  } catch (error) {
    if (!(error instanceof LatheError) || error.code === 'cancelled') throw error;
    if (primer === undefined) throw emptyRefused(error.message);
    return (windows) => primed(primer, cache, windows);
  }
}

async function primed(
  primer: Session,
  { pairs }: CacheLayout,
  windows: readonly ArrayLike<number>[],
): ReturnType<FirstCache> {
  const output = scoreOutput(primer);
  const presents = pairs.map(({ present }) => present);
  const offered = new Set(primer.outputs.map(({ name }) => name));
  const missing = presents.find((name) => !offered.has(name));
  if (missing !== undefined) throw otherPart(missing);
  const feeds = languageFeeds(primer.inputs, { windows });
  const found = await primer.run(feeds, [output, ...presents]);
  const values = Object.fromEntries(pairs.map(({ past, present }) => [past, found[present]]));
  return { scores: logitsOf(output, found[output]), past: { length: windows[0].length, values } };
}

function emptyRefused(reason: string): LatheError {
  const said = reason.replace(/[.;\s]+$/, '');
  return new LatheError(
    'cache-empty',
    `The model reads one token at a time behind a key/value cache and does not start from an empty one (${said}), and no decoder_model.onnx beside it could make the first; put that file into the same folder.`,
  );
}

function otherPart(present: string): LatheError {
  return new LatheError(
    'cache-other-part',
    `The decoder that should make the first cache gives no "${present}", so it is not of the same model; put the decoder_model.onnx of the same export beside it.`,
    { present },
  );
}
