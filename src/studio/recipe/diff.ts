import type { Recipe } from '../../core/recipe/types.ts';

export interface Difference {
  readonly path: string;
  readonly a?: string;
  readonly b?: string;
}

/** Where two recipes differ, leaf by leaf: `steps[0].options.bits`: 8 → 4. */
export function recipeDifferences(a: Recipe, b: Recipe): Difference[] {
  const left = leaves(a);
  const right = leaves(b);
  const paths = [...new Set([...left.keys(), ...right.keys()])];
  return paths
    .filter((path) => path !== 'name' && left.get(path) !== right.get(path))
    .map((path) => ({ path, a: left.get(path), b: right.get(path) }));
}

function leaves(value: unknown, path = '', into = new Map<string, string>()): Map<string, string> {
  if (typeof value !== 'object' || value === null) {
    return value === undefined ? into : into.set(path, JSON.stringify(value));
  }
  for (const [key, inner] of Object.entries(value)) {
    const step = Array.isArray(value) ? `[${key}]` : path === '' ? key : `.${key}`;
    leaves(inner, path + step, into);
  }
  return into;
}
