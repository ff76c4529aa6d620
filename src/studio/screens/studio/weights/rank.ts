import type { Preview } from '../../../../../workers/protocol.ts';

/** Weights whose shorter side is longer than this take seconds. */
const SLOW = 1024;

/** Whether singular values take so long that somebody should ask for them. */
export function isSlow({ rows, columns }: Pick<Preview, 'rows' | 'columns'>): boolean {
  return Math.min(rows, columns) > SLOW;
}

/** What no grid and no zeros tell of: a weight that became fewer ranks, where they can be seen at once. */
export function isAboutRank(
  preview: Pick<Preview, 'rows' | 'columns' | 'block'> & {
    readonly after?: { readonly did: string };
  },
): boolean {
  const { after, block } = preview;
  return after?.did === FACTORED && block.grid === undefined && !isSlow(preview);
}

/** As encodings call it. */
const FACTORED = 'factored';
