import type { z } from 'zod';
import { chooseTokens } from '../../../text/vocabulary/choose-tokens.ts';
import { packTokens } from '../../../text/vocabulary/token-set.ts';
import type { Ground, Oracle } from '../../contract.ts';
import type { options as schema } from './meta.ts';
import { tokenLayers } from './token-layers.ts';

export type VocabularyOptions = z.infer<typeof schema>;

/** Which tokens stay, from how often each occurs in the calibration text. Throws `calibration-missing`. */
export async function decideTokens(
  { model, anatomy }: Ground,
  options: VocabularyOptions,
  ask: Oracle<VocabularyOptions>,
): Promise<VocabularyOptions | undefined> {
  if (options.tokens !== undefined) return undefined;
  const { size } = tokenLayers(model, anatomy);
  const counts = await ask.tokenCounts();
  const kept = chooseTokens(await ask.files(), size, counts, options);
  const unseen = kept.filter((token) => (counts.get(token) ?? 0) === 0).length;
  return { ...options, tokens: packTokens(kept, size), unseen };
}
