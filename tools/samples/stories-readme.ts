import type { LanguageFigures } from './measure.ts';

export interface StoriesFacts {
  readonly figures: LanguageFigures;
  readonly evaluated: number;
  /** Tokens at which documents are cut. */
  readonly length: number;
  readonly calibrated: number;
  readonly calibrationTokens: number;
}

/** The README that is shipped with the sample. */
export function storiesReadme(facts: StoriesFacts): string {
  const { value, standardError, n } = facts.figures.perplexity;
  return `# stories

A Llama-like language model with 5 blocks, width 64, 8 heads that share 4 key/value heads, rotary
positions and a gated feed-forward network; 512 tokens, 260 thousand weights. It continues simple
English children's stories.

| measured (float32, WASM) | |
|---|---|
| perplexity on \`evaluation.txt\` | ${value.toFixed(3)} ± ${standardError.toFixed(3)} |
| the same in nats per token | ${facts.figures.nllPerToken.toFixed(4)} |
| measured on | ${n} tokens of ${facts.evaluated} documents, each begun with \`<s>\` and cut at ${facts.length} tokens |

## Origin and licences

- \`model.onnx\`: the weights of karpathy/tinyllamas \`stories260K.bin\` (MIT), put into standard ONNX
  operators (opset 17) by \`tools/samples/make-stories.ts\`. The rows of query and key are reordered
  for half-split rotary positions, as Hugging Face's conversion of Llama does; nothing else changed.
- The output head equals the embedding. As most exporters do, the file holds it twice, the second
  time transposed (\`lm_head.weight\`, 131 072 bytes): the method "deduplicate" can take it out again.
- \`tokenizer.json\`: the model's own SentencePiece vocabulary \`tok512.bin\` (MIT) in Hugging Face's format.
- \`calibration.txt\`, \`evaluation.txt\`: TinyStories (Eldan & Li 2023, arXiv:2305.07759),
  CDLA-Sharing-1.0. The first ${facts.evaluated} documents are for evaluation, ${facts.calibrated} later ones (${facts.calibrationTokens} tokens)
  for calibration; none is in both. Lines \`<|endoftext|>\` separate documents. The source has no
  separators: a document begins at each paragraph that starts with "Once" or "One ", so some
  stories are cut in two. Documents whose quotation marks were damaged are left out.

The graph has no key/value cache: each step computes all positions again. Sequences have at most 512 tokens.
`;
}
