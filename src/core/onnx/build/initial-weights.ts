import { normal, seededRandom } from '../../random/seeded.ts';
import type { LlamaConfig, LlamaWeights } from './llama-config.ts';
import { headSizeOf } from './llama-config.ts';

/** Gives the values of a weight by its Hugging Face name and shape (matrices [out, in]). */
export type WeightSource = (name: string, dims: readonly number[]) => Float32Array;

/** Normal values are cut off at this many standard deviations, as `trunc_normal_` has it. */
const CUT = 2;

/**
 * Fresh weights: biases 0, norms 1, everything else normal with standard deviation `deviation`, cut
 * off at two of them. Each weight's values depend on the seed and its own name only.
 */
export function initialWeights(seed: number, deviation = 0.02): WeightSource {
  return (name, dims) => {
    const count = dims.reduce((product, d) => product * d, 1);
    if (name.endsWith('.bias')) return new Float32Array(count);
    if (/norm[^.]*\.weight$/i.test(name)) return new Float32Array(count).fill(1);
    return truncatedNormal(seed, name, count, deviation);
  };
}

function truncatedNormal(seed: number, name: string, count: number, deviation: number) {
  const random = seededRandom(seed, name);
  return Float32Array.from({ length: count }, () => {
    for (;;) {
      const value = normal(random);
      if (Math.abs(value) <= CUT) return value * deviation;
    }
  });
}

/**
 * Fresh weights of a Llama-like model. What is added to the residual stream (attention output,
 * down) starts smaller by 1/√(2·blocks), so that its variance does not grow with depth (Radford et
 * al. 2019, §2.3).
 */
export function initialLlamaWeights(
  config: LlamaConfig,
  seed: number,
  deviation = 0.02,
): LlamaWeights {
  const { hiddenSize: d, feedForwardWidth: wide } = config;
  const inner = config.heads * headSizeOf(config);
  const shared = config.keyValueHeads * headSizeOf(config);
  const added = deviation / Math.sqrt(2 * config.blocks);
  const values = (name: string, count: number, spread = deviation) =>
    initialWeights(seed, spread)(name, [count]);
  const ones = () => new Float32Array(d).fill(1);
  const blocks = Array.from({ length: config.blocks }, (_, index) => {
    const name = `model.layers.${index}`;
    return {
      attentionNorm: ones(),
      query: values(`${name}.query`, inner * d),
      key: values(`${name}.key`, shared * d),
      value: values(`${name}.value`, shared * d),
      attentionOutput: values(`${name}.attentionOutput`, d * inner, added),
      feedForwardNorm: ones(),
      gate: values(`${name}.gate`, wide * d),
      up: values(`${name}.up`, wide * d),
      down: values(`${name}.down`, d * wide, added),
    };
  });
  const embedding = values('model.embed_tokens', config.vocabularySize * d);
  return { embedding, blocks, finalNorm: ones(), head: 'embedding' };
}
