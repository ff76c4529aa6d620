import type { DepthCut } from '../../../cuts/depth/removed.ts';
import type { BlocksOptions } from './meta.ts';

/** The cut that takes a part of these blocks. */
export function cutOf(part: BlocksOptions['part'], blocks: readonly number[]): DepthCut {
  if (part === 'block') return { blocks };
  return part === 'attention' ? { attention: blocks } : { feedForward: blocks };
}
