import type { BpeVocabulary } from './bpe-train.ts';

export interface BpeTokenizerOptions {
  /**
   * What stands around a text when special tokens are asked for, "$A" being the text, e.g.
   * `['[CLS]', '$A', '[SEP]']`. Nothing unless stated.
   */
  readonly template?: readonly string[];
}

/**
 * A learned byte-pair encoding as a Hugging Face `tokenizer.json` (version 1.0): byte-level
 * pre-tokenizer and decoder, no normalizer, special tokens as added tokens.
 */
export function bpeTokenizerJson(vocabulary: BpeVocabulary, options: BpeTokenizerOptions = {}) {
  const { tokens, merges, specialTokens } = vocabulary;
  const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false };
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: specialTokens.map((content, id) => ({ id, content, ...flags, special: true })),
    normalizer: null,
    pre_tokenizer: {
      type: 'ByteLevel',
      add_prefix_space: false,
      trim_offsets: true,
      use_regex: true,
    },
    post_processor: options.template ? templateProcessor(specialTokens, options.template) : null,
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges: merges.map(([left, right]) => `${left} ${right}`),
    },
  };
}

function templateProcessor(specialTokens: readonly string[], template: readonly string[]) {
  const part = (name: string) =>
    name === '$A'
      ? { Sequence: { id: 'A', type_id: 0 } }
      : { SpecialToken: { id: name, type_id: 0 } };
  const used = specialTokens.filter((token) => template.includes(token));
  return {
    type: 'TemplateProcessing',
    single: template.map(part),
    pair: [...template.map(part), { Sequence: { id: 'B', type_id: 1 } }],
    special_tokens: Object.fromEntries(
      used.map((token) => [
        token,
        { id: token, ids: [specialTokens.indexOf(token)], tokens: [token] },
      ]),
    ),
  };
}
