import type { z } from 'zod';
import type { Method } from '../../contract.ts';
import { layerGroups } from '../groups.ts';
import { shareMethod } from '../share-method.ts';
import { meta, type options as schema } from './meta.ts';

export type ShareKvOptions = z.infer<typeof schema>;

const sharing = shareMethod<ShareKvOptions>(meta, (anatomy, targets, { size }) => {
  const chosen = targets.filter(({ role }) => role === 'key' || role === 'value');
  return layerGroups(anatomy, chosen, { size, arrangement: 'neighbours' });
});

/**
 * W_k and W_v of k neighbouring blocks are one initializer each. The blocks still compute keys and values of their own
 * inputs, so caches stay as large as they are: the file gets smaller, not the memory of a long text.
 */
export const shareKv: Method<ShareKvOptions> = {
  ...sharing,
  plan: async (ground, targets, options, context) => {
    const plan = await sharing.plan(ground, targets, options, context);
    const packed = targets.filter(({ role }) => role === 'query-key-value');
    const left = packed.map(({ name }) => ({ name, reason: isPacked(name) }));
    return { ...plan, skipped: [...plan.skipped, ...left] };
  },
};

function isPacked(name: string): string {
  return `"${name}" holds queries, keys and values in one weight, of which a part cannot be shared alone, so it was left as it is.`;
}
