import type { Dataset } from '../../core/data/types.ts';
import { planRecipe } from '../../core/recipe/plan.ts';
import type { Recipe } from '../../core/recipe/types.ts';
import type { OpenModel } from '../model/open.ts';
import { countTokens } from './corpus.ts';
import { spokenBehind } from './spoken.ts';

/** A token that a recipe takes out. */
export interface DroppedToken {
  readonly id: number;
  /** As its vocabulary writes it. */
  readonly text: string;
  /** How often it occurs in the calibration data; absent without any. */
  readonly count?: number;
}

/** What a recipe takes out of the vocabulary of the opened model. */
export interface DroppedTokens {
  readonly size: number;
  readonly kept: number;
  /** The data that was counted, and the tokens in it. */
  readonly counted?: { readonly name: string; readonly tokens: number };
  /** Most frequent first, then by id. */
  readonly dropped: readonly DroppedToken[];
}

/** Undefined where all tokens stay, or it is not decided yet which do. Throws what counting throws. */
export async function droppedTokens(
  open: OpenModel,
  recipe: Recipe,
  calibration?: Dataset,
): Promise<DroppedTokens | undefined> {
  const { steps, problems } = await planRecipe(open.model, open.anatomy, recipe);
  if (problems.length > 0) return undefined;
  const { kept } = await spokenBehind(open, steps);
  if (kept === undefined) return undefined;
  const counts = calibration && countTokens(open, calibration);
  const stays = new Set(kept.columns);
  const gone = Array.from({ length: kept.size }, (_, id) => id).filter((id) => !stays.has(id));
  const dropped = gone.map((id) => ({
    id,
    text: open.tokenizer?.tokenText(id) ?? `#${id}`,
    ...(counts && { count: counts.get(id) ?? 0 }),
  }));
  dropped.sort((a, b) => (b.count ?? 0) - (a.count ?? 0) || a.id - b.id);
  const tokens = counts && [...counts.values()].reduce((sum, n) => sum + n, 0);
  return {
    size: kept.size,
    kept: kept.columns.length,
    ...(calibration && tokens !== undefined && { counted: { name: calibration.name, tokens } }),
    dropped,
  };
}
