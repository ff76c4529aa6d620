import { LatheError } from '../errors/lathe-error.ts';
import type { Tokenizer } from '../text/tokenizer.ts';
import type { TextDataset, TokenWindow, WindowOptions } from './types.ts';

/**
 * Cuts texts into windows of token ids. In stream mode window k holds the tokens
 * [k·stride, k·stride + length) of all documents one after another, and scores those that no
 * earlier window scored and that have a token before them: each token is scored at most once, and
 * with stride < length each but the first with at least length − stride tokens of context. In
 * documents mode every document is a window, cut off at `length`.
 * @throws LatheError `data-too-short` when there is nothing to predict, `window-options`
 */
export function tokenWindows(
  dataset: TextDataset,
  tokenizer: Tokenizer,
  options: WindowOptions,
): TokenWindow[] {
  checkOptions(options);
  const windows =
    options.mode === 'documents'
      ? documentWindows(dataset, tokenizer, options)
      : streamWindows(dataset, tokenizer, options);
  const usable = windows.filter(
    ({ ids, firstCounted }) =>
      ids.length > firstCounted && (options.partial !== false || ids.length === options.length),
  );
  if (usable.length === 0) throw tooShort(dataset, windows, options);
  return usable.slice(0, options.limit);
}

/**
 * Rows of tokens as windows, each a document of its own, cut off at `length`. Rows of one token predict nothing and
 * are left out.
 * @throws LatheError `data-too-short` when that leaves none
 */
export function rowWindows(
  name: string,
  rows: readonly Int32Array[],
  length: number,
): TokenWindow[] {
  const windows = rows.map((row, document) => ({
    ...{ ids: row.subarray(0, length), firstCounted: 1, document },
  }));
  const usable = windows.filter(({ ids }) => ids.length > 1);
  if (usable.length === 0) throw tooShort({ name }, windows, { length });
  return usable;
}

function checkOptions({ length, stride = length, limit = 1 }: WindowOptions): void {
  const whole = [length, stride, limit].every((value) => Number.isInteger(value) && value >= 1);
  if (whole && length >= 2 && stride <= length) return;
  throw new LatheError(
    'window-options',
    `Windows of ${length} tokens every ${stride} tokens (at most ${limit}) cannot be made; choose a length of at least 2, a stride from 1 to the length and a limit of at least 1.`,
  );
}

function documentWindows(
  dataset: TextDataset,
  tokenizer: Tokenizer,
  options: WindowOptions,
): TokenWindow[] {
  // Without `partial: false` every document makes a window: no need to tokenize beyond the limit.
  const needed = options.partial === false ? undefined : options.limit;
  return dataset.documents.slice(0, needed).map((text, document) => {
    const ids = [...start(tokenizer, options), ...tokenizer.encode(text)];
    return { ids: Int32Array.from(ids.slice(0, options.length)), firstCounted: 1, document };
  });
}

function streamWindows(
  dataset: TextDataset,
  tokenizer: Tokenizer,
  options: WindowOptions,
): TokenWindow[] {
  const { length, stride = length, limit = Infinity } = options;
  const needed = limit === Infinity ? Infinity : (limit - 1) * stride + length;
  const stream = tokenStream(dataset, tokenizer, options, needed);
  const windows: TokenWindow[] = [];
  for (let from = 0; from < stream.length; from += stride) {
    const ids = stream.slice(from, from + length);
    const firstCounted = from === 0 ? 1 : Math.max(1, length - stride);
    windows.push({ ids, firstCounted, document: 0 });
    if (from + length >= stream.length) break;
  }
  return windows;
}

/** All documents one after another, each begun with the start token (or, lacking one, parted by the end token). */
function tokenStream(
  dataset: TextDataset,
  tokenizer: Tokenizer,
  options: WindowOptions,
  needed: number,
): Int32Array {
  const stream: number[] = [];
  for (const text of dataset.documents) {
    if (stream.length >= needed) break;
    const begin = start(tokenizer, options);
    const parted = stream.length > 0 && begin.length === 0 && tokenizer.eos !== undefined;
    for (const id of parted ? [tokenizer.eos] : begin) stream.push(id);
    for (const id of tokenizer.encode(text)) stream.push(id);
  }
  return Int32Array.from(stream.slice(0, needed));
}

function start(tokenizer: Tokenizer, { bos = true }: WindowOptions): number[] {
  return bos && tokenizer.bos !== undefined ? [tokenizer.bos] : [];
}

function tooShort(
  { name }: Pick<TextDataset, 'name'>,
  windows: readonly TokenWindow[],
  { partial, length }: WindowOptions,
): LatheError {
  const longest = windows.reduce((most, { ids }) => Math.max(most, ids.length), 0);
  const needed = partial === false ? length : 2;
  return new LatheError(
    'data-too-short',
    `The text "${name}" gives at most ${longest} tokens in one piece where at least ${needed} are needed; choose a longer text or a shorter length.`,
    { longest, needed },
  );
}
