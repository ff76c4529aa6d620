import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const FOLDER = fileURLToPath(new URL('./recipes/', import.meta.url));

const recipe = z.object({ steps: z.array(z.record(z.string(), z.unknown())) });

/** The steps of `recipes/SUBJECT/NAME.json`, a recipe as the command line takes it. */
export function stepsOf(subject: string, name: string): readonly unknown[] {
  const text = readFileSync(join(FOLDER, subject, `${name}.json`), 'utf8');
  return recipe.parse(JSON.parse(text)).steps;
}

/** Names of a subject's recipes that begin so. */
export function recipesOf(subject: string, prefix: string): readonly string[] {
  return readdirSync(join(FOLDER, subject))
    .filter((name) => name.startsWith(prefix) && name.endsWith('.json'))
    .map((name) => name.slice(0, -'.json'.length))
    .sort();
}
