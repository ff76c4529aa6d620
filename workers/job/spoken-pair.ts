import { planRecipe } from '../../src/core/recipe/plan.ts';
import type { Tokenizer } from '../../src/core/text/tokenizer.ts';
import type { OpenModel } from '../../src/engine/model/open.ts';
import type { TrialStore } from '../../src/engine/trials/store.ts';
import { spokenBehind, type Spoken } from '../../src/engine/vocabulary/spoken.ts';
import { withAllTokens } from '../../src/runtime/token-views.ts';
import { ORIGINAL, readSide } from '../protocol.ts';
import type { Pair } from './try-it.ts';

/** Which models are side by side: ids of trials, or {@link ORIGINAL}. */
export interface Sides {
  readonly left: string;
  readonly right: string;
}

export interface SpokenPair {
  readonly open: OpenModel;
  readonly pair: Pair;
  /** Whether a side keeps only some of the tokens. */
  readonly cut: boolean;
}

/**
 * Both models in the tokens of the original. One that keeps only some scores the others at −∞, and the text for both
 * is cut with its tokenizer, which makes none of them. The very same where both keep all.
 */
export async function spokenPair(
  store: Pick<TrialStore, 'get'>,
  open: OpenModel,
  { left, right }: Sides,
  pair: Pair,
): Promise<SpokenPair> {
  const [l, r] = [await spokenBy(store, open, left), await spokenBy(store, open, right)];
  const cut = [r, l].find(({ kept }) => kept !== undefined);
  if (cut === undefined) return { open, pair, cut: false };
  const tokenizer = open.tokenizer && tokenizerOf(open.tokenizer, cut);
  return {
    open: { ...open, ...(tokenizer && { tokenizer }) },
    pair: {
      left: l.kept ? withAllTokens(pair.left, l.kept) : pair.left,
      right: r.kept ? withAllTokens(pair.right, r.kept) : pair.right,
    },
    cut: true,
  };
}

async function spokenBy(
  store: Pick<TrialStore, 'get'>,
  open: OpenModel,
  side: string,
): Promise<Spoken> {
  if (side === ORIGINAL) return { open };
  const { recipe } = await store.get(readSide(side).trial);
  const { steps } = await planRecipe(open.model, open.anatomy, recipe);
  return spokenBehind(open, steps);
}

/** What the original's tokenizer says of tokens, cutting as the smaller one's does. */
function tokenizerOf(whole: Tokenizer, { open, kept }: Spoken): Tokenizer {
  const { tokenizer } = open;
  if (tokenizer === undefined || kept === undefined) return whole;
  return {
    ...whole,
    encode: (text, options) => tokenizer.encode(text, options).map((own) => kept.columns[own]),
  };
}
