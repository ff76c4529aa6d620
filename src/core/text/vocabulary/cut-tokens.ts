import { companionJson, withJson } from '../../companions/files.ts';
import type { Companions } from '../../companions/types.ts';
import { withIds } from './id-fields.ts';
import { pairOf, tokenizerIn, type TokenizerJson } from './pieces.ts';

/** New ids of the tokens that stay. */
type Renumber = (id: number) => number | undefined;

/** Files that hold a vocabulary in a form that is not rewritten: without them loaders take `tokenizer.json`. */
const OLDER = ['tokenizer.model', 'spiece.model', 'sentencepiece.bpe.model'];

/**
 * The files of a model that keeps only `kept` (ascending) of its `size` tokens, each under the id of its place:
 * tokenizer.json without the other pieces and the merges that make or need them, ids of special tokens and
 * `vocab_size` in config.json and generation_config.json, ids in tokenizer_config.json, and the vocabularies that lie
 * beside (`vocab.json`, `merges.txt`, `vocab.txt`, `added_tokens.json`). Binary vocabularies go. Other files stay.
 * Throws `tokenizer-not-cut`, `folder-json`.
 */
export function cutTokens(files: Companions, size: number, kept: ArrayLike<number>): Companions {
  const places = new Map(Array.from(kept, (token, place) => [token, place]));
  const renumber: Renumber = (id) => places.get(id);
  const json = tokenizerIn(files);
  const pieces = new Set(json ? keptPieces(json, renumber) : []);
  let cut: Companions = new Map([...files].filter(([path]) => !OLDER.includes(path)));
  const change = (path: string, by: (json: unknown) => unknown): void => {
    if (cut.has(path)) cut = withJson(cut, path, by(companionJson(cut, path)));
  };
  for (const path of ['config.json', 'generation_config.json']) {
    change(path, (config) => withIds(config, renumber, [size, kept.length]));
  }
  if (json) change('tokenizer.json', () => cutTokenizer(json, renumber));
  for (const path of ['vocab.json', 'added_tokens.json'])
    change(path, (ids) => cutIds(ids, renumber));
  change('tokenizer_config.json', (config) => cutTokenizerConfig(config, renumber));
  return cutLines(cut, renumber, pieces);
}

function keptPieces({ model: { vocab } }: TokenizerJson, renumber: Renumber): string[] {
  const all: (readonly [string, number])[] = Array.isArray(vocab)
    ? vocab.map(([text], id) => [text, id])
    : Object.entries(vocab);
  return all.filter(([, id]) => renumber(id) !== undefined).map(([text]) => text);
}

function cutTokenizer(json: TokenizerJson, renumber: Renumber): unknown {
  const { model, added_tokens, post_processor, padding } = json;
  const { vocab, merges, unk_id } = model;
  const pieces = new Set(keptPieces(json, renumber));
  const stays = (merge: string | readonly [string, string]): boolean => {
    const [left, right] = pairOf(merge);
    return [left, right, left + right].every((text) => pieces.has(text));
  };
  return {
    ...json,
    added_tokens: added_tokens.flatMap((token) => {
      const id = renumber(token.id);
      return id === undefined ? [] : [{ ...token, id }];
    }),
    ...(padding && {
      padding: {
        ...padding,
        ...(padding.pad_id !== undefined && { pad_id: renumber(padding.pad_id) }),
      },
    }),
    ...(post_processor !== undefined && { post_processor: cutProcessor(post_processor, renumber) }),
    model: {
      ...model,
      vocab: Array.isArray(vocab)
        ? vocab.filter((_, id) => renumber(id) !== undefined)
        : cutIds(vocab, renumber),
      ...(merges && { merges: merges.filter(stays) }),
      ...(typeof unk_id === 'number' && { unk_id: renumber(unk_id) ?? null }),
    },
  };
}

/** Templates say `{id: "[CLS]", ids: [101]}`, older processors `["</s>", 2]`. */
function cutProcessor(part: unknown, renumber: Renumber): unknown {
  if (Array.isArray(part)) {
    const [name, token] = part as readonly unknown[];
    const pair = part.length === 2 && typeof name === 'string' && typeof token === 'number';
    return pair ? [name, renumber(token)] : part.map((one) => cutProcessor(one, renumber));
  }
  if (typeof part !== 'object' || part === null) return part;
  const changed = Object.entries(part).map(([key, value]: [string, unknown]) => [
    key,
    key === 'ids' && Array.isArray(value)
      ? value.map((token: unknown) => (typeof token === 'number' ? renumber(token) : token))
      : cutProcessor(value, renumber),
  ]);
  return Object.fromEntries(changed) as unknown;
}

/** `{token: id}` with the tokens that stay. */
function cutIds(ids: unknown, renumber: Renumber): unknown {
  if (typeof ids !== 'object' || ids === null) return ids;
  const entries = Object.entries(ids).flatMap(([text, id]: [string, unknown]) => {
    const own = typeof id === 'number' ? renumber(id) : undefined;
    return own === undefined ? [] : [[text, own] as const];
  });
  // A piece may be called "__proto__", which a literal would not keep.
  return Object.fromEntries(entries.sort(([, a], [, b]) => a - b));
}

/** `added_tokens_decoder` has ids for names. */
function cutTokenizerConfig(config: unknown, renumber: Renumber): unknown {
  if (typeof config !== 'object' || config === null) return config;
  const decoder: unknown =
    'added_tokens_decoder' in config ? config.added_tokens_decoder : undefined;
  if (typeof decoder !== 'object' || decoder === null) return config;
  const entries = Object.entries(decoder).flatMap(([id, token]: [string, unknown]) => {
    const own = renumber(Number(id));
    return own === undefined ? [] : [[String(own), token] as const];
  });
  return { ...config, added_tokens_decoder: Object.fromEntries(entries) };
}

/** `vocab.txt`, a piece a line by its id, and `merges.txt`, a pair a line behind a heading. */
function cutLines(files: Companions, renumber: Renumber, pieces: ReadonlySet<string>): Companions {
  const keepLine = {
    'vocab.txt': (_: string, line: number) => renumber(line) !== undefined,
    'merges.txt': (text: string) => {
      const [left, right] = text.split(' ');
      return (
        text.startsWith('#version') ||
        [left, right, left + (right ?? '')].every((one) => pieces.has(one))
      );
    },
  };
  const changed = Object.entries(keepLine).flatMap(([path, stays]) => {
    const file = files.get(path);
    if (file === undefined || !('bytes' in file)) return [];
    const lines = new TextDecoder().decode(file.bytes).split('\n');
    const left = lines.filter((line, at) => line !== '' && stays(line.replace(/\r$/, ''), at));
    return [[path, { bytes: new TextEncoder().encode(`${left.join('\n')}\n`) }] as const];
  });
  return new Map([...files, ...changed]);
}
