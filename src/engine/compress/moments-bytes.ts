import type { Layer } from '../../core/anatomy/types.ts';

/** Second moments that are held at the same time; beyond, they are taken layer by layer and let go of. */
export const MOMENTS_AT_ONCE = 2 ** 30;

const FLOAT = 4;

/** Bytes of XᵀX of each distinct input of layers: what one pass over the whole model would hold. */
export function momentsBytes(
  layers: readonly Pick<Layer, 'op' | 'input' | 'inFeatures'>[],
): number {
  const looked = layers.filter(({ op }) => op !== 'Gather');
  const widths = new Map(looked.map(({ input, inFeatures }) => [input, inFeatures]));
  return [...widths.values()].reduce((sum, width) => sum + width * width * FLOAT, 0);
}
