import { companionJson, withJson } from '../../../companions/files.ts';
import type { Companions } from '../../../companions/types.ts';
import type { Anatomy } from '../../../anatomy/types.ts';

/**
 * config.json of a model whose heads together are no longer as wide as its stream. Loaders derive the shape of the
 * cache from the hidden size unless a head's size is stated: it is stated, and GPT-2's `n_embd`, beside which no head
 * size can be stated, stays what the heads have together.
 */
export function withHeads(files: Companions, { blocks, hiddenSize }: Anatomy): Companions {
  const config = companionJson(files, 'config.json');
  const [first] = blocks;
  const { heads, headSize } = first ?? {};
  if (typeof config !== 'object' || config === null || !heads || !headSize) return files;
  if (heads * headSize === hiddenSize) return files;
  const json =
    'n_embd' in config
      ? { ...config, n_embd: heads * headSize }
      : { ...config, head_dim: headSize };
  return withJson(files, 'config.json', json);
}
