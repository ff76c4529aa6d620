import type { Anatomy, Block, Layer } from './types.ts';

type Facts = Pick<Anatomy, 'normalization' | 'normPlacement' | 'positions'> & {
  readonly blocks: readonly Block[];
  readonly layers: readonly Layer[];
  readonly activation?: string;
  /** The stream starts from looked-up tokens (also inside a fused operator). */
  readonly hasTokens: boolean;
};

/** The family a transformer's parts look most like; a hint for people, nothing depends on it. */
export function guessLayout(facts: Facts): string {
  const { blocks, layers } = facts;
  const stacks = new Set(blocks.map(({ stack }) => stack));
  if (blocks.some(({ crossAttention }) => crossAttention)) return 'encoder-decoder';
  if (stacks.size > 1) return 'transformer';
  const has = (role: Layer['role']) => layers.some((layer) => layer.role === role);
  if (stacks.has('decoder')) return decoderLayout(facts, has('query-key-value'));
  if (has('patch') && !facts.hasTokens) return 'ViT-like';
  const bert = facts.hasTokens && facts.normalization === 'layer-norm';
  return bert && facts.normPlacement === 'post' ? 'BERT-like' : 'transformer';
}

function decoderLayout(facts: Facts, packed: boolean): string {
  const { normalization, positions, activation } = facts;
  if (normalization === 'rms-norm' && positions === 'rotary') return 'Llama-like';
  if (normalization !== 'layer-norm' || positions !== 'learned') return 'transformer';
  if (!packed && activation === 'Relu') return 'OPT-like';
  return 'GPT-2-like';
}
