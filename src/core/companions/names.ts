/**
 * Files that loaders look for beside a model, by their names in a Hugging Face folder. Nothing else
 * travels: a lone model's neighbours may be anybody's files.
 */
export const COMPANION_NAMES: readonly string[] = [
  'config.json',
  'generation_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'added_tokens.json',
  'vocab.json',
  'vocab.txt',
  'merges.txt',
  'tokenizer.model',
  'spiece.model',
  'sentencepiece.bpe.model',
  'chat_template.jinja',
  'chat_template.json',
  'preprocessor_config.json',
  'processor_config.json',
  'modules.json',
  'sentence_bert_config.json',
  'config_sentence_transformers.json',
  '1_Pooling/config.json',
];

/** Whether a path in a Hugging Face folder is one of them. */
export function isCompanion(path: string): boolean {
  return COMPANION_NAMES.includes(path);
}
