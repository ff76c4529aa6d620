import { LatheError } from '../../../errors/lathe-error.ts';
import type { Part } from '../measured/parts.ts';

/** How large the parts of a stack's blocks are, in bytes of weights: means over the blocks. */
export interface BlockSizes {
  readonly blocks: number;
  readonly attention: number;
  readonly feedForward: number;
}

/** What goes of a stack. */
export interface Budget {
  /** How many blocks lose their attention. */
  readonly attentions: number;
  /** Share of the neurons that every block loses, 0…1. */
  readonly neurons: number;
}

/** The mean sizes of the attentions and feed-forward parts among these parts of a stack. */
export function sizesOf(blocks: number, parts: readonly Part[]): BlockSizes {
  const mean = (wanted: Part['kind']): number => {
    const own = parts.filter(({ kind }) => kind === wanted);
    return own.reduce((sum, { weights }) => sum + weights, 0) / Math.max(1, own.length);
  };
  return { blocks, attention: mean('attention'), feedForward: mean('feed-forward') };
}

/**
 * 2SSP's split of a share s of the size p = p_att + p_ffn of each of L blocks: round(L·s^((p_ffn/p_att)/α)) attentions
 * (halves to even), and of the neurons of every block what is missing to s·L·p. Throws `ratio-empties`.
 * Source: Sandri et al. 2025, eq. 4.
 */
export function budgetOf(sizes: BlockSizes, ratio: number, alpha: number): Budget {
  const { blocks, attention, feedForward } = sizes;
  const attentions = attentionsToDrop(blocks, ratio, feedForward / attention, alpha);
  const left = ratio * blocks * (attention + feedForward) - attentions * attention;
  const neurons = Math.max(0, left / (blocks * feedForward));
  if (neurons >= 1) throw takesAll(ratio, attentions, blocks);
  return { attentions, neurons };
}

/** round(L·s^(t/α)), a feed-forward part being t times as large as an attention; halves to even. */
export function attentionsToDrop(blocks: number, ratio: number, t: number, alpha: number): number {
  const exact = blocks * ratio ** (t / alpha);
  const below = Math.floor(exact);
  if (exact - below === 0.5) return below + (below % 2);
  return Math.round(exact);
}

function takesAll(ratio: number, attentions: number, blocks: number): LatheError {
  return new LatheError(
    'ratio-empties',
    `A ratio of ${ratio} takes ${attentions} of ${blocks} attentions and would have to take all feed-forward neurons besides, and a block without both computes nothing; choose a smaller ratio.`,
    { ratio, attentions, blocks },
  );
}
