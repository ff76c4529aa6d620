import type { z } from 'zod';
import { layerGroups } from '../groups.ts';
import { shareMethod } from '../share-method.ts';
import { meta, type options as schema } from './meta.ts';

export type ShareBlocksOptions = z.infer<typeof schema>;

/**
 * W₁ = … = W_k for the maps of k blocks that do the same work: one initializer, read k times. Norms and biases stay each
 * block's own, which is little and lets the blocks differ.
 */
export const shareBlocks = shareMethod<ShareBlocksOptions>(meta, layerGroups);
