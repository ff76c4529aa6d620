/** What of a Hugging Face folder's root belongs to a model in its `onnx/`: file names, not paths. */
export const MODEL_COMPANY =
  /^(?:config|tokenizer|tokenizer_config|generation_config|preprocessor_config)\.json$/;
