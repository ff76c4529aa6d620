import type { LlamaConfig, LlamaWeights } from '../../src/core/onnx/build/llama-config.ts';
import { headSizeOf } from '../../src/core/onnx/build/llama-config.ts';

/**
 * The same model with its rotary pairs moved from neighbouring channels (2i, 2i+1) to the two
 * halves (i, i + headSize/2) of each head, as Hugging Face's conversion of Llama does: the rows of
 * query and key are permuted alike, so every score q·k, and with it every logit, stays the same.
 */
export function toHalfSplit(
  config: LlamaConfig,
  weights: LlamaWeights,
): { config: LlamaConfig; weights: LlamaWeights } {
  if (config.rotary === 'half-split') return { config, weights };
  const size = headSizeOf(config);
  const blocks = weights.blocks.map((block) => ({
    ...block,
    query: splitPairs(block.query, config.heads, size),
    key: splitPairs(block.key, config.keyValueHeads, size),
  }));
  return { config: { ...config, rotary: 'half-split' }, weights: { ...weights, blocks } };
}

/** Row 2i + p of each head becomes row i + p·headSize/2. */
function splitPairs(matrix: Float32Array, heads: number, headSize: number): Float32Array {
  const columns = matrix.length / (heads * headSize);
  const result = new Float32Array(matrix.length);
  for (let row = 0; row < heads * headSize; row++) {
    const within = row % headSize;
    const target = row - within + Math.floor(within / 2) + (within % 2) * (headSize / 2);
    result.set(matrix.subarray(row * columns, (row + 1) * columns), target * columns);
  }
  return result;
}
