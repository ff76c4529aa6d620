import { normal, seededRandom } from '../../random/seeded.ts';
import type { LlamaConfig, LlamaWeights } from './llama-config.ts';
import { headSizeOf } from './llama-config.ts';
import { plannedValues, type PlannedValues, type WeightValues } from './weight-values.ts';

/** Gives the values of a weight by its Hugging Face name and shape (matrices [out, in]). */
export type WeightSource<Values extends WeightValues = WeightValues> = (
  name: string,
  dims: readonly number[],
) => Values;

/** Sizes alone, for a plan: nothing is drawn. */
export const plannedWeights: WeightSource<PlannedValues> = (_name, dims) =>
  plannedValues(dims.reduce((product, d) => product * d, 1));

/** Normal values are cut off at this many standard deviations, as `trunc_normal_` has it. */
const CUT = 2;

/**
 * Fresh weights: biases 0, norms 1, everything else normal with standard deviation `deviation`, cut
 * off at two of them. Each weight's values depend on the seed and its own name only.
 */
export function initialWeights(seed: number, deviation = 0.02): WeightSource<Float32Array> {
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
  const added = deviation / Math.sqrt(2 * config.blocks);
  const [plain, smaller] = [initialWeights(seed, deviation), initialWeights(seed, added)];
  return llamaWeights(config, (name, dims) =>
    ADDED_TO_THE_STREAM.test(name) ? smaller(name, dims) : plain(name, dims),
  );
}

const ADDED_TO_THE_STREAM = /\.(attentionOutput|down)$/;

/** Weights of a Llama-like model from a source that knows them by name. */
export function llamaWeights<Values extends WeightValues>(
  config: LlamaConfig,
  source: WeightSource<Values>,
): LlamaWeights<Values> {
  const { hiddenSize: d, feedForwardWidth: wide } = config;
  const inner = config.heads * headSizeOf(config);
  const shared = config.keyValueHeads * headSizeOf(config);
  const norm = () => source('norm.weight', [d]);
  const blocks = Array.from({ length: config.blocks }, (_, index) => {
    const values = (name: string, count: number) =>
      source(`model.layers.${index}.${name}`, [count]);
    return {
      attentionNorm: norm(),
      query: values('query', inner * d),
      key: values('key', shared * d),
      value: values('value', shared * d),
      attentionOutput: values('attentionOutput', d * inner),
      feedForwardNorm: norm(),
      gate: values('gate', wide * d),
      up: values('up', wide * d),
      down: values('down', d * wide),
    };
  });
  const embedding = source('model.embed_tokens', [config.vocabularySize * d]);
  return { embedding, blocks, finalNorm: norm(), head: 'embedding' };
}
