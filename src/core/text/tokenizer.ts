import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers';
import { z } from 'zod';
import { LatheError } from '../errors/lathe-error.ts';

/** Text to token ids and back. */
export interface Tokenizer {
  /** Largest id + 1. */
  readonly vocabularySize: number;
  /** Start-of-text token, if there is one. */
  readonly bos?: number;
  /** End-of-text token, if there is one. */
  readonly eos?: number;
  /** Stands where a shorter text has no tokens, if there is one. */
  readonly pad?: number;
  /** Most tokens of a text with its special tokens, where the tokenizer's configuration says so. */
  readonly maxLength?: number;
  /** Token ids of a text; `addSpecial` adds what the model expects around it (default false). */
  encode(text: string, options?: { readonly addSpecial?: boolean }): number[];
  /** The text of token ids, special tokens left out. */
  decode(ids: readonly number[]): string;
  /** One token as its vocabulary writes it ("▁once", "<0x0A>"); undefined for an unused id. */
  tokenText(id: number): string | undefined;
}

const piece = z.string().max(4096);
const id = z.int().min(0).max(16777216);
const part = z.looseObject({ type: z.string() }).nullable();

/** What is read of a `tokenizer.json`; the library reads more, under this skeleton. */
const tokenizerSchema = z.looseObject({
  added_tokens: z.array(z.looseObject({ id, content: piece })).max(1000000),
  normalizer: part,
  pre_tokenizer: part,
  post_processor: part,
  decoder: part,
  model: z.looseObject({
    type: z.string().optional(),
    vocab: z.union([z.record(z.string(), id), z.array(z.tuple([piece, z.number()])).max(16777216)]),
  }),
});

const specialToken = z.union([
  piece,
  z.looseObject({ content: piece }).transform((t) => t.content),
]);

const configSchema = z.looseObject({
  bos_token: specialToken.nullish(),
  eos_token: specialToken.nullish(),
  cls_token: specialToken.nullish(),
  pad_token: specialToken.nullish(),
  model_max_length: z.number().nullish(),
  clean_up_tokenization_spaces: z.boolean().nullish(),
});

type TokenizerJson = z.infer<typeof tokenizerSchema>;

const START_TOKENS = ['<s>', '<|begin_of_text|>', '<bos>', '[CLS]', '<|startoftext|>'];
const PAD_TOKENS = ['[PAD]', '<pad>', '<|pad|>'];
const END_TOKENS = ['</s>', '<|end_of_text|>', '<|endoftext|>', '<eos>', '[SEP]'];

/**
 * A tokenizer from the parsed contents of `tokenizer.json` and, if there is one,
 * `tokenizer_config.json` (it names the start and end tokens; else the usual names are looked for).
 * @throws LatheError `tokenizer-json`, `tokenizer-config`, `tokenizer-unsupported`
 */
export function loadTokenizer(tokenizerJson: unknown, config: unknown = {}): Tokenizer {
  const json = parseTokenizer(tokenizerJson);
  const parsedConfig = configSchema.safeParse(config);
  if (!parsedConfig.success) throw configError(parsedConfig.error);
  const { bos_token, eos_token, cls_token, ...rest } = parsedConfig.data;
  // Words like " ." stay as they are: a continuation must show the text that the tokens say.
  const library = open(tokenizerJson, { ...rest, clean_up_tokenization_spaces: false });
  const find = (names: readonly (string | null | undefined)[]) => findToken(library, names);
  return {
    vocabularySize: vocabularySize(json),
    bos: find([bos_token, cls_token, ...START_TOKENS]),
    eos: find([eos_token, ...END_TOKENS]),
    pad: find([rest.pad_token, ...PAD_TOKENS]),
    maxLength: stated(rest.model_max_length),
    encode: (text, { addSpecial = false } = {}) =>
      library.encode(text, { add_special_tokens: addSpecial }).ids,
    decode: (ids) =>
      ids.length === 0 ? '' : library.decode([...ids], { skip_special_tokens: true }),
    tokenText: (tokenId) => library.id_to_token(tokenId),
  };
}

/** "No limit" is written as a number far beyond any model's context. */
const ENDLESS = 1e9;

function stated(length: number | null | undefined): number | undefined {
  return typeof length === 'number' && length >= 1 && length < ENDLESS
    ? Math.floor(length)
    : undefined;
}

function parseTokenizer(value: unknown): TokenizerJson {
  const parsed = tokenizerSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const path = parsed.error.issues[0].path.join('.');
  throw new LatheError(
    'tokenizer-json',
    `This is no Hugging Face tokenizer.json${path === '' ? '' : `: its field "${path}" is missing or of another kind`}; give the tokenizer.json that was saved with the model.`,
  );
}

function configError(error: z.ZodError): LatheError {
  return new LatheError(
    'tokenizer-config',
    `The field "${error.issues[0].path.join('.')}" of tokenizer_config.json is of another kind than expected; give the tokenizer_config.json that was saved with the model, or leave it out.`,
  );
}

/** The library gets the object as it was given: a copy could lose odd vocabulary keys (`__proto__`). */
function open(json: unknown, config: object): HuggingFaceTokenizer {
  try {
    return new HuggingFaceTokenizer(Object(json) as object, config);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new LatheError(
      'tokenizer-unsupported',
      `The tokenizer cannot be used because it has a part that is not supported (${reason}); give a tokenizer.json that transformers.js can load.`,
    );
  }
}

function findToken(
  library: HuggingFaceTokenizer,
  names: readonly (string | null | undefined)[],
): number | undefined {
  for (const name of names) {
    const found = name ? library.token_to_id(name) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

function vocabularySize({ model, added_tokens }: TokenizerJson): number {
  let size = Array.isArray(model.vocab) ? model.vocab.length : 0;
  if (!Array.isArray(model.vocab)) {
    for (const tokenId of Object.values(model.vocab)) size = Math.max(size, tokenId + 1);
  }
  for (const token of added_tokens) size = Math.max(size, token.id + 1);
  return size;
}

/**
 * Refuses a tokenizer that makes ids the model has no row for. (Models often have a few rows more
 * than their tokenizer: padding to a round number; that is fine.)
 * @throws LatheError `tokenizer-does-not-fit`
 */
export function checkTokenizerFits(tokenizer: Tokenizer, vocabularySize: number): void {
  if (tokenizer.vocabularySize <= vocabularySize) return;
  throw new LatheError(
    'tokenizer-does-not-fit',
    `The tokenizer has ${tokenizer.vocabularySize} tokens but the model only ${vocabularySize}, so some texts would ask for tokens the model does not have; give the tokenizer.json that was saved with this model.`,
    { tokenizer: tokenizer.vocabularySize, model: vocabularySize },
  );
}
