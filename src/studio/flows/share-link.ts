import type { Recipe } from '../../core/recipe/types.ts';
import { toStudioError } from '../../../workers/errors.ts';
import { decodeShare, encodeShare } from '../share/codec.ts';
import { useModel } from '../state/model-store.ts';
import { notify } from '../state/notice-store.ts';
import { benchIsShared } from '../state/shared-bench.ts';
import { loadRecipe } from '../state/recipe-store.ts';
import { en } from '../strings/en.ts';

/** Links point at the start page: it exists on every host, whatever its rewrite rules. */
export async function copyShareLink(recipe: Recipe): Promise<void> {
  const { view } = useModel.getState();
  if (view === undefined) return;
  try {
    const hash = await encodeShare(recipe, view);
    await copy(new URL(import.meta.env.BASE_URL, location.origin).href + hash, en.share.copied);
  } catch (thrown) {
    notify(toStudioError(thrown).message, { tone: 'error' });
  }
}

export async function copy(text: string, done: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    notify(done);
  } catch {
    notify(en.share.copyRefused, { tone: 'error' });
  }
}

/** Reads a recipe from outside; what is wrong with it is shown as a sentence. */
export async function acceptRecipe(outside: unknown): Promise<boolean> {
  try {
    const { readRecipe } = await import('../recipe/read-recipe.ts');
    loadRecipe(readRecipe(outside));
    return true;
  } catch (thrown) {
    notify(toStudioError(thrown).message, { tone: 'error' });
    return false;
  }
}

interface Accepted {
  readonly origin?: string;
  readonly modelName?: string;
  /** It brought a recipe. */
  readonly recipe?: boolean;
}

/** What a shared link asks for; its recipe is on the bench afterwards. */
export async function acceptLink(hash: string): Promise<Accepted> {
  try {
    const shared = await decodeShare(hash);
    const recipe = shared?.recipe !== undefined && (await acceptRecipe(shared.recipe));
    if (recipe) benchIsShared();
    return { origin: shared?.origin, modelName: shared?.modelName, recipe };
  } catch (thrown) {
    notify(toStudioError(thrown).message, { tone: 'error' });
    return {};
  }
}
