import '../zod-without-eval.ts';
import { z } from 'zod';
import { parseDraft } from '../../core/recipe/schema.ts';
import type { Recipe } from '../../core/recipe/types.ts';

/** Recipes with names of their own, kept in this browser. */
export interface Shelf {
  readonly recipes: readonly NamedRecipe[];
  /** Which of them is on the bench for every model opened anew. */
  readonly preferred?: string;
}

export interface NamedRecipe {
  readonly name: string;
  readonly recipe: Recipe;
}

export const EMPTY_SHELF: Shelf = { recipes: [] };

/** As many as a menu can hold. */
const MOST = 100;
export const MOST_NAME = 80;

const shelfSchema = z.object({
  version: z.literal(1),
  recipes: z.array(z.unknown()).max(MOST * 10),
  preferred: z.string().optional(),
});

const namedSchema = z.object({ name: z.string().min(1).max(MOST_NAME), recipe: z.unknown() });

/** The shelf that storage holds; what of it is no recipe is left out. */
export function readShelf(text: string | null): Shelf {
  try {
    const { recipes, preferred } = shelfSchema.parse(JSON.parse(text ?? ''));
    const read = recipes.flatMap((stored) => readNamed(stored) ?? []);
    return tidy({ recipes: read, ...(preferred !== undefined && { preferred }) });
  } catch {
    return EMPTY_SHELF;
  }
}

function readNamed(stored: unknown): NamedRecipe | undefined {
  const { success, data } = namedSchema.safeParse(stored);
  if (!success) return undefined;
  try {
    return { name: data.name, recipe: { ...parseDraft(data.recipe), name: data.name } };
  } catch {
    return undefined;
  }
}

export function shelfText({ recipes, preferred }: Shelf): string {
  return JSON.stringify({ version: 1, recipes, preferred });
}

/** Puts a recipe on the shelf, in the place of another one of that name. */
export function withRecipe(shelf: Shelf, { name, recipe }: NamedRecipe): Shelf {
  const named = { name, recipe: { ...recipe, name } };
  const known = shelf.recipes.some((other) => other.name === name);
  const recipes = known
    ? shelf.recipes.map((other) => (other.name === name ? named : other))
    : [...shelf.recipes, named];
  return tidy({ ...shelf, recipes });
}

export function withoutRecipe(shelf: Shelf, name: string): Shelf {
  return tidy({ ...shelf, recipes: shelf.recipes.filter((other) => other.name !== name) });
}

/** Another name for a recipe; one that is taken already changes nothing. */
export function renamed(shelf: Shelf, from: string, to: string): Shelf {
  if (to === '' || shelf.recipes.some(({ name }) => name === to)) return shelf;
  const recipes = shelf.recipes.map((other) =>
    other.name === from ? { name: to, recipe: { ...other.recipe, name: to } } : other,
  );
  const preferred = shelf.preferred === from ? to : shelf.preferred;
  return tidy({ recipes, ...(preferred !== undefined && { preferred }) });
}

export function withPreferred(shelf: Shelf, preferred: string | undefined): Shelf {
  return tidy({ recipes: shelf.recipes, ...(preferred !== undefined && { preferred }) });
}

/** No more than a menu holds, and no default that is not there. */
function tidy({ recipes, preferred }: Shelf): Shelf {
  const kept = recipes.slice(-MOST);
  const there = kept.some(({ name }) => name === preferred);
  return { recipes: kept, ...(there && preferred !== undefined && { preferred }) };
}
