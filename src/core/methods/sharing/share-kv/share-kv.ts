import type { z } from 'zod';
import { layerGroups } from '../groups.ts';
import { shareMethod } from '../share-method.ts';
import { meta, type options as schema } from './meta.ts';

export type ShareKvOptions = z.infer<typeof schema>;

/**
 * W_k and W_v of k neighbouring blocks are one initializer each. The blocks still compute keys and values of their own
 * inputs, so caches stay as large as they are: the file gets smaller, not the memory of a long text.
 */
export const shareKv = shareMethod<ShareKvOptions>(meta, (anatomy, targets, { size }) => {
  const chosen = targets.filter(({ role }) => role === 'key' || role === 'value');
  return layerGroups(anatomy, chosen, { size, arrangement: 'neighbours' });
});
