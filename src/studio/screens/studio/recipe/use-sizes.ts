import { useEffect, useState } from 'react';
import type { Recipe } from '../../../../core/recipe/types.ts';
import { clients } from '../../../client/clients.ts';
import { useModel } from '../../../state/model-store.ts';

export interface Size {
  readonly bytes: number;
  readonly atMost: boolean;
}

/** What each recipe would weigh; a recipe that cannot run on this model has no size. */
export type Sizes = ReadonlyMap<Recipe, Size | undefined>;

/**
 * Sizes of recipes, asked one after the other while the menu is open: what is changed on the bench meanwhile waits
 * for one answer at most.
 */
export function useSizes(recipes: readonly Recipe[]): Sizes {
  const sha256 = useModel((state) => state.view?.sha256);
  const [sizes, setSizes] = useState<Sizes>(new Map());
  useEffect(() => {
    let wanted = true;
    void (async () => {
      for (const recipe of recipes) {
        const size = await sizeOf(recipe);
        if (!wanted) return;
        setSizes((known) => new Map(known).set(recipe, size));
      }
    })();
    return () => void (wanted = false);
  }, [recipes, sha256]);
  return sizes;
}

async function sizeOf(recipe: Recipe): Promise<Size | undefined> {
  try {
    const { bytes, atMost, problems } = await clients().engine.sizeOf(recipe);
    return problems.length > 0 ? undefined : { bytes, atMost };
  } catch {
    // The bench's own forecast tells when the thread is lost.
    return undefined;
  }
}
