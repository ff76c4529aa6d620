/** Made-up losses of parts, for looking at screens. Never part of the product. */
import type { BlockDistances, ModelView, PartKind, PartLoss } from '../../../workers/protocol.ts';

export function fakeLosses(kind: PartKind, { anatomy }: ModelView): readonly PartLoss[] {
  return anatomy.blocks.flatMap(({ stack, index, heads = 0 }) => {
    const parts = kind === 'blocks' ? [undefined] : Array.from({ length: heads }, (_, h) => h);
    return parts.map((head) => {
      const value = 0.4 * Math.exp(-(((index * 7 + (head ?? 3) * 5) % 11) / 2));
      const loss = { measure: 'kl', value, standardError: value / 20, n: 64 } as const;
      return { stack, block: index, ...(head !== undefined && { head }), loss };
    });
  });
}

export function fakeDistances({ anatomy }: ModelView): readonly BlockDistances[] {
  const blocks = anatomy.blocks.map(({ index }) => index);
  const places = [...blocks, blocks.length];
  const cosines = places.map((i) => places.map((j) => Math.cos(0.4 * Math.abs(i - j))));
  return [{ stack: 'decoder', blocks, cosines }];
}
