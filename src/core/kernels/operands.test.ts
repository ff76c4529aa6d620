import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { OPERANDS } from './operands.ts';

const ASSEMBLY = new URL('assembly/', import.meta.url);
const source = (name: string) => readFileSync(new URL(name, ASSEMBLY), 'utf8');

/** Names of a comma-separated list, without their types. */
function names(list: string): string[] {
  return list
    .split(',')
    .map((entry) => entry.split(':')[0].trim())
    .filter((name) => name !== '');
}

it('the operands of every kernel are named in the order of its declaration', () => {
  const exported = [...source('index.ts').matchAll(/^export \{([^}]*)\}/gm)];
  const sources = readdirSync(ASSEMBLY).filter((name) => name.endsWith('.ts'));
  const declared = Object.fromEntries(
    [
      ...sources
        .map(source)
        .join('')
        .matchAll(/^export function (\w+)\(([^)]*)\)/gm),
    ].map(([, name, list]) => [name, names(list)]),
  );
  const kernels = exported.flatMap(([, list]) => names(list));
  expect(kernels.length).toBeGreaterThan(0);
  expect(OPERANDS).toEqual(Object.fromEntries(kernels.map((name) => [name, declared[name]])));
});
