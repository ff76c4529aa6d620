import { LatheError } from '../../src/core/errors/lathe-error.ts';

/** SentencePiece's stand-in for a space. */
const SPACE = '▁';
const BYTE_TOKENS = 256;
/** <unk>, <s>, </s> and the 256 byte tokens come before the learned pieces. */
const FIRST_PIECE = 3 + BYTE_TOKENS;

export interface Llama2cPiece {
  readonly text: string;
  readonly score: number;
}

/**
 * Reads llama2.c's tokenizer file: int32 longest piece, then for each piece float32 score, int32
 * byte length, UTF-8 bytes. The number of pieces is the model's vocabulary size.
 * @throws LatheError `llama2c-tokenizer` for a truncated or foreign file
 * @see https://github.com/karpathy/llama2.c (run.c, build_tokenizer)
 */
export function readLlama2cTokenizer(bytes: Uint8Array, vocabularySize: number): Llama2cPiece[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const decoder = new TextDecoder();
  const pieces: Llama2cPiece[] = [];
  let at = 4;
  while (at + 8 <= bytes.byteLength && pieces.length < vocabularySize) {
    const score = view.getFloat32(at, true);
    const length = view.getInt32(at + 4, true);
    at += 8;
    if (length < 0 || at + length > bytes.byteLength) break;
    pieces.push({ text: decoder.decode(bytes.subarray(at, at + length)), score });
    at += length;
  }
  if (pieces.length !== vocabularySize || at !== bytes.byteLength || !hasByteTokens(pieces)) {
    throw new LatheError(
      'llama2c-tokenizer',
      `The tokenizer file does not hold exactly the ${vocabularySize} pieces of this model in llama2.c's format (${pieces.length} were read); give the tokenizer .bin that belongs to the model.`,
    );
  }
  return pieces;
}

function hasByteTokens(pieces: readonly Llama2cPiece[]): boolean {
  return pieces[3]?.text === '<0x00>' && pieces[FIRST_PIECE - 1]?.text === '<0xFF>';
}

/**
 * The same tokenizer as Hugging Face's `tokenizer.json`: a space is put in front, spaces become
 * "▁", characters are merged pairwise, best score first, and what has no piece becomes byte tokens.
 * Scores turn into an ordered list of merges: each piece, best score first, with every way to split
 * it into two pieces (as Hugging Face's converter of SentencePiece models does).
 */
export function tokenizerJsonOf(pieces: readonly Llama2cPiece[]) {
  const tokens = pieces.map(({ text }, id) => tokenText(text, id));
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: tokens.slice(0, 3).map(addedToken),
    normalizer: {
      type: 'Sequence',
      normalizers: [
        { type: 'Prepend', prepend: SPACE },
        { type: 'Replace', pattern: { String: ' ' }, content: SPACE },
      ],
    },
    pre_tokenizer: null,
    post_processor: beginWithStartToken(),
    decoder: {
      type: 'Sequence',
      decoders: [
        { type: 'Replace', pattern: { String: SPACE }, content: ' ' },
        { type: 'ByteFallback' },
        { type: 'Fuse' },
        { type: 'Strip', content: ' ', start: 1, stop: 0 },
      ],
    },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: '<unk>',
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: true,
      byte_fallback: true,
      ignore_merges: false,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges: mergesOf(tokens, pieces),
    },
  };
}

/** The `tokenizer_config.json` beside it. */
export function tokenizerConfigOf(maxLength: number) {
  return {
    tokenizer_class: 'LlamaTokenizer',
    add_bos_token: true,
    add_eos_token: false,
    bos_token: '<s>',
    eos_token: '</s>',
    unk_token: '<unk>',
    clean_up_tokenization_spaces: false,
    legacy: true,
    model_max_length: maxLength,
  };
}

function tokenText(text: string, id: number): string {
  if (id < 3) return ['<unk>', '<s>', '</s>'][id];
  return id < FIRST_PIECE ? text : text.replaceAll(' ', SPACE);
}

function addedToken(content: string, id: number) {
  const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false };
  return { id, content, ...flags, special: true };
}

function beginWithStartToken() {
  const start = { SpecialToken: { id: '<s>', type_id: 0 } };
  const first = { Sequence: { id: 'A', type_id: 0 } };
  const second = { Sequence: { id: 'B', type_id: 1 } };
  return {
    type: 'TemplateProcessing',
    single: [start, first],
    pair: [start, first, { SpecialToken: { id: '<s>', type_id: 1 } }, second],
    special_tokens: { '<s>': { id: '<s>', ids: [1], tokens: ['<s>'] } },
  };
}

function mergesOf(tokens: readonly string[], pieces: readonly Llama2cPiece[]): [string, string][] {
  const learned = new Set(tokens.slice(FIRST_PIECE));
  const ids = [...tokens.keys()].slice(FIRST_PIECE);
  ids.sort((a, b) => pieces[b].score - pieces[a].score || a - b);
  return ids.flatMap((id) =>
    splits(tokens[id]).filter((pair) => pair.every((p) => learned.has(p))),
  );
}

/** Every way to cut a text in two between characters. */
function splits(text: string): [string, string][] {
  const characters = Array.from(text);
  return characters.slice(1).map((_, index) => {
    const cut = characters.slice(0, index + 1).join('').length;
    return [text.slice(0, cut), text.slice(cut)];
  });
}
