import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { allMetas } from './catalog.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** Every file that is loaded with this one: imports and re-exports, types and dynamic imports left out. */
function loadedWith(file: string, found = new Set<string>()): ReadonlySet<string> {
  if (found.has(file)) return found;
  found.add(file);
  const text = readFileSync(join(ROOT, file), 'utf8');
  const imports = text.matchAll(/^(?:import|export)\s+(?!type\b)[^;]*?from '(\.[^']+)';/gms);
  for (const [, path] of imports) loadedWith(join(dirname(file), path), found);
  return found;
}

/** What must not come along with a title: arithmetic, graphs, gradients. */
const HEAVY = /^src\/core\/(kernels|autodiff|onnx|anatomy|linalg|training|statistics|encodings)\//;

it('the catalog loads what methods say about themselves, and nothing that computes', () => {
  const files = [...loadedWith('src/core/methods/catalog.ts')];
  expect(files.filter((file) => HEAVY.test(file))).toEqual([]);
  const metas = files.filter((file) => file.endsWith('/meta.ts'));
  expect(metas).toHaveLength(allMetas().length);
  // Beside each: its options, and words it shares with its family.
  expect(files.length).toBeLessThan(5 + 3 * metas.length);
});

it('a recipe is read, named and taken from a preset with the catalog alone', () => {
  const entries = ['schema', 'presets', 'describe', 'file-name', 'objective'];
  for (const entry of entries) {
    const files = [...loadedWith(`src/core/recipe/${entry}.ts`)];
    expect(files, entry).not.toContain('src/core/methods/registry.ts');
    expect(
      files.filter((file) => HEAVY.test(file)),
      entry,
    ).toEqual([]);
  }
});

it('the registry does load the kernels: the walk above sees them', () => {
  const files = [...loadedWith('src/core/methods/registry.ts')];
  expect(files.some((file) => file.startsWith('src/core/kernels/'))).toBe(true);
});
