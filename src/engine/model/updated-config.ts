import type { Anatomy, Block } from '../../core/anatomy/types.ts';

/** Fields of a `config.json` by what they count, as the families of transformers call them. */
const FIELDS: Readonly<Record<keyof Sizes, readonly string[]>> = {
  blocks: ['num_hidden_layers', 'n_layer', 'n_layers', 'num_layers'],
  hiddenSize: ['hidden_size', 'n_embd', 'd_model', 'dim'],
  heads: ['num_attention_heads', 'n_head', 'n_heads'],
  keyValueHeads: ['num_key_value_heads'],
  headSize: ['head_dim'],
  feedForwardWidth: ['intermediate_size', 'n_inner', 'ffn_dim', 'd_ff', 'hidden_dim'],
};

interface Sizes {
  readonly blocks?: number;
  readonly hiddenSize?: number;
  readonly heads?: number;
  readonly keyValueHeads?: number;
  readonly headSize?: number;
  readonly feedForwardWidth?: number;
}

/**
 * The fields of a `config.json` with the sizes that a smaller model has now: a number changes where it was the
 * size of the model before and the model after has another. Everything else, unknown fields included,
 * stays. Undefined when nothing changes, or the two are no models of one layout and one stack.
 */
export function updatedConfig(
  config: Readonly<Record<string, unknown>>,
  before: Anatomy,
  after: Anatomy,
): Readonly<Record<string, unknown>> | undefined {
  if (before.layout !== after.layout) return undefined;
  const [old, now] = [sizesOf(before), sizesOf(after)];
  if (old === undefined || now === undefined) return undefined;
  const changes = Object.entries(FIELDS).flatMap(([size, names]) => {
    const [was, is] = [old[size as keyof Sizes], now[size as keyof Sizes]];
    if (was === undefined || is === undefined || was === is) return [];
    return names.filter((name) => config[name] === was).map((name) => [name, is] as const);
  });
  return changes.length === 0 ? undefined : { ...config, ...Object.fromEntries(changes) };
}

function sizesOf({ blocks, hiddenSize }: Anatomy): Sizes | undefined {
  const stacks = new Set(blocks.map(({ stack }) => stack));
  if (stacks.size !== 1) return undefined;
  const same = (size: keyof Block & keyof Sizes) => {
    const values = new Set(blocks.map((block) => block[size]));
    return values.size === 1 ? blocks[0][size] : undefined;
  };
  return {
    blocks: blocks.length,
    hiddenSize,
    heads: same('heads'),
    keyValueHeads: same('keyValueHeads'),
    headSize: same('headSize'),
    feedForwardWidth: same('feedForwardWidth'),
  };
}
