import type { Anatomy, Layer } from '../anatomy/types.ts';
import { compilePattern } from './pattern.ts';
import type { Target, TargetBase, TargetSelector } from './types.ts';

/**
 * The layers a target means, in the anatomy's order. `"all"` (or `{ all: true }`) is every layer but
 * position embeddings, which are small and sensitive: name them under `tensors` to include them. A role
 * is what the anatomy found; `{ role, blocks, tensors }` must all hold; `except` takes away. So
 * "all MatMuls" of a language model is `{ all: true, except: ["embedding"] }`.
 * Throws `pattern-invalid` for a regular expression that cannot be used.
 */
export function selectLayers(anatomy: Anatomy, target: Target): readonly Layer[] {
  const included = matcher(target);
  const except = typeof target === 'object' && 'except' in target ? (target.except ?? []) : [];
  const excluded = except.map(matcher);
  return anatomy.layers.filter(
    (layer) => included(layer) && !excluded.some((matches) => matches(layer)),
  );
}

type Matches = (layer: Layer) => boolean;

function matcher(target: TargetBase): Matches {
  if (target === 'all') return isNoPosition;
  if (typeof target === 'string') return (layer) => hasRole(layer, target);
  const tests = selectorTests(target);
  return (layer) => tests.every((test) => test(layer));
}

function isNoPosition({ role }: Layer): boolean {
  return role !== 'position-embedding';
}

function hasRole(layer: Layer, role: string): boolean {
  return layer.group === role && isNoPosition(layer);
}

function selectorTests({ all, role, blocks, tensors }: TargetSelector): Matches[] {
  const tests: Matches[] = [];
  if (all) tests.push(isNoPosition);
  if (role !== undefined) tests.push((layer) => hasRole(layer, role));
  if (blocks !== undefined) {
    tests.push(({ block }) => block !== undefined && blocks.includes(block));
  }
  if (tensors !== undefined) {
    const named = tensors.map(nameMatcher);
    tests.push((layer) => named.some((matches) => matches(layer.name)));
  }
  return tests;
}

function nameMatcher(text: string): (name: string) => boolean {
  const source = patternSource(text);
  if (source === undefined) return (name) => name === text;
  const pattern = compilePattern(source);
  return (name) => pattern.test(name);
}

/** The expression inside "/…/", or undefined for a plain name. A name such as "/model/x" is no expression. */
export function patternSource(text: string): string | undefined {
  return text.length > 2 && text.startsWith('/') && text.endsWith('/')
    ? text.slice(1, -1)
    : undefined;
}
