import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { allMetas } from '../core/methods/catalog.ts';

const SOURCE = fileURLToPath(new URL('../', import.meta.url));

/** The page, and what names recipes: all of it follows what methods say about themselves. */
const FILES = [
  ...readdirSync(join(SOURCE, 'studio'), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file) && !/\.test\.tsx?$/.test(file))
    .map((file) => join('studio', file)),
  'core/recipe/describe.ts',
  'core/recipe/file-name.ts',
  'core/recipe/kept-adapters.ts',
];

/** A file without its comments, which may give examples. */
const textOf = (file: string) =>
  readFileSync(join(SOURCE, file), 'utf8').replace(/\/\*.*?\*\/|^\s*\/\/.*?$/gms, '');

describe('the page follows the schema', () => {
  // Blocks are also what a target of a recipe names, and what a model consists of.
  const ids = allMetas().flatMap(({ id }) => (id === 'blocks' ? [] : [id]));
  const options = new Set(allMetas().flatMap((meta) => Object.keys(meta.options.shape)));

  it('looks into many files', () => {
    expect(FILES.length).toBeGreaterThan(100);
  });

  it('names no method', () => {
    const found = FILES.flatMap((file) => {
      const literals = textOf(file).matchAll(/(['"`])([a-z0-9-]+)\1/g);
      return [...literals]
        .filter(([, , text]) => ids.includes(text))
        .map(([text]) => `${file}: ${text}`);
    });
    expect(found).toEqual([]);
  });

  it('reads no option by its name', () => {
    const found = FILES.flatMap((file) => {
      const reads = textOf(file).matchAll(/options(?:\[['"](\w+)['"]\]|\??\.(\w+))/g);
      return [...reads]
        .filter(([, bracket, dot]) => options.has(bracket ?? dot))
        .map(([text]) => `${file}: ${text}`);
    });
    expect(found).toEqual([]);
  });

  it('loads no folder of a method', () => {
    const folder = /core\/methods\/[\w-]+\/[\w-]+\//;
    expect(FILES.filter((file) => folder.test(textOf(file)))).toEqual([]);
  });
});
