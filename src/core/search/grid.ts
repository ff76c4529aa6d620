import { z } from 'zod';
import { LatheError } from '../errors/lathe-error.ts';
import { presetByName } from '../recipe/presets.ts';
import { parseRecipe } from '../recipe/schema.ts';
import type { Recipe } from '../recipe/types.ts';
import { setAtPath } from './set-at-path.ts';

/** One recipe of a grid, and the values that make it differ from the others. */
export interface GridPoint {
  readonly values: Readonly<Record<string, unknown>>;
  readonly recipe: Recipe;
}

/** More than this is a mistake, or needs a search that is cleverer than trying everything. */
const MOST_POINTS = 10_000;

const gridSchema = z.strictObject({
  version: z.literal(1),
  /** A recipe, or the name of a preset. */
  base: z.union([z.string(), z.record(z.string(), z.unknown())]),
  /** Path in the recipe → the values to try there. */
  vary: z.record(z.string().max(200), z.array(z.json()).min(1).max(1000)),
});

/**
 * The recipes of a grid document `{ version: 1, base, vary: { "steps[0].options.bits": [8, 4] } }`:
 * the Cartesian product of all lists under `vary`, the last path changing fastest. Every recipe is
 * checked before anything runs. Throws `grid-invalid`, and `recipe-invalid` for a point that is no recipe.
 */
export function gridPoints(json: unknown): readonly GridPoint[] {
  const { base, vary } = parseGrid(json);
  const recipe = typeof base === 'string' ? presetByName(base).recipe : parseRecipe(base);
  const axes = Object.entries(vary);
  const count = axes.reduce((product, [, values]) => product * values.length, 1);
  if (count > MOST_POINTS) throw tooMany(count);
  return product(axes).map((values) => ({ values, recipe: pointRecipe(recipe, values) }));
}

function parseGrid(json: unknown): z.infer<typeof gridSchema> {
  const result = gridSchema.safeParse(typeof json === 'string' ? parseText(json) : json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = issue.path.map(String).join(' → ') || 'the document';
  throw gridInvalid(`${where}: ${issue.message}.`);
}

function parseText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw gridInvalid('it is not valid JSON.');
  }
}

type Axis = readonly [path: string, values: readonly unknown[]];

function product(axes: readonly Axis[]): Record<string, unknown>[] {
  return axes.reduce<Record<string, unknown>[]>(
    (points, [path, values]) =>
      points.flatMap((point) => values.map((value) => ({ ...point, [path]: value }))),
    [{}],
  );
}

function pointRecipe(base: Recipe, values: Readonly<Record<string, unknown>>): Recipe {
  const varied = Object.entries(values).reduce<unknown>(
    (recipe, [path, value]) => setAtPath(recipe, path, value),
    base,
  );
  return parseRecipe(varied);
}

function gridInvalid(what: string): LatheError {
  return new LatheError(
    'grid-invalid',
    `The grid cannot be used; ${what} A grid looks like {"version": 1, "base": "q4", "vary": {"steps[0].options.bits": [8, 4]}}.`,
  );
}

function tooMany(count: number): LatheError {
  return new LatheError(
    'grid-too-large',
    `The grid makes ${count} recipes, and at most ${MOST_POINTS} can be tried; vary fewer options, or give fewer values.`,
    { count },
  );
}
