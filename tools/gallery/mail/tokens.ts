/** Special tokens, in the order of their ids. */
export const SPECIAL = ['[PAD]', '[CLS]', '[SEP]', '[MASK]'];
export const TOKENS = { pad: 0, cls: 1, sep: 2, mask: 3 } as const;

/** [CLS] ids [SEP], cut off and padded to `length`, with 1 for each token that is no padding. */
export function padded(ids: readonly number[], length: number) {
  const kept = [TOKENS.cls, ...ids.slice(0, length - 2), TOKENS.sep];
  const padding = Array<number>(length - kept.length);
  return {
    ids: [...kept, ...padding.fill(TOKENS.pad)],
    mask: [...kept.map(() => 1), ...padding.fill(0)],
  };
}
