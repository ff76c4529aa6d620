import type { z } from 'zod';
import { LatheError } from '../errors/lathe-error.ts';
import { nearestName } from '../errors/nearest-name.ts';

type Issue = z.core.$ZodIssue;
export type Path = readonly PropertyKey[];

/** "steps[0].options.bits"; "the recipe" for the whole. */
export function pathText(path: Path): string {
  const text = path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('');
  return text === '' ? 'the recipe' : text.replace(/^\./, '');
}

/** A recipe error: always "path: what is wrong, what would be right." `details.path` holds the path. */
export function recipeError(path: Path, what: string): LatheError {
  const where = pathText(path);
  return new LatheError('recipe-invalid', `${where}: ${what}`, { path: where });
}

/** The value of a JSON text. Throws `recipe-invalid`. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw recipeError([], 'it is not valid JSON; check for missing commas, quotes or brackets.');
  }
}

/** "did you mean …?", or the list when it is short. */
export function didYouMean(word: string, names: readonly string[]): string {
  const nearest = nearestName(word, names);
  return nearest === undefined ? 'nothing is allowed here' : `did you mean "${nearest}"?`;
}

/**
 * One sentence for the first thing zod found wrong.
 * @param value what was parsed, to say what was found
 * @param names the fields allowed at a path, for the nearest valid name
 */
export function explainIssue(
  issue: Issue,
  value: unknown,
  base: Path,
  names: (path: Path) => readonly string[],
): LatheError {
  const path = [...base, ...issue.path];
  const found = shown(valueAt(value, issue.path));
  switch (issue.code) {
    case 'unrecognized_keys': {
      const [key] = issue.keys;
      const hint = didYouMean(key, names(path));
      return recipeError([...path, key], `there is no field "${cut(key)}"; ${hint}`);
    }
    case 'invalid_value':
      return recipeError(path, invalidValue(found, valueAt(value, issue.path), issue.values));
    case 'too_big':
      return recipeError(path, tooFar(issue, found, 'many', 'most', Number(issue.maximum)));
    case 'too_small':
      return recipeError(path, tooFar(issue, found, 'few', 'least', Number(issue.minimum)));
    case 'invalid_type':
      return recipeError(
        path,
        `${found} was found where ${expectedText(issue.expected)} is needed.`,
      );
    case 'invalid_union':
      return explainUnion(issue, value, base, names);
    default:
      return recipeError(path, `${found} is not possible: ${issue.message}.`);
  }
}

/** The alternative that came furthest says best what is wrong; enumerations list what is possible. */
function explainUnion(
  issue: Issue & { readonly code: 'invalid_union' },
  value: unknown,
  base: Path,
  names: (path: Path) => readonly string[],
): LatheError {
  const nested = issue.errors
    .flat()
    .map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }));
  const custom = nested.find(({ code }) => code === 'custom');
  const enumeration = nested.find(({ code }) => code === 'invalid_value');
  const best = custom ?? enumeration ?? nested.at(0);
  return best === undefined
    ? recipeError([...base, ...issue.path], `${shown(value)} is not possible here.`)
    : explainIssue(best, value, base, names);
}

function invalidValue(found: string, value: unknown, values: readonly unknown[]): string {
  const names = values.map(String);
  const list = values.map((v) => JSON.stringify(v)).join(', ');
  const only = values.length === 1 ? list : `one of ${list}`;
  if (typeof value !== 'string' || typeof values[0] !== 'string') {
    return `${found} is not possible; use ${only}.`;
  }
  return `${found} is not possible; use ${only} (${didYouMean(value, names)})`.replace(
    /\?\)$/,
    '?).',
  );
}

function tooFar(
  issue: Issue & { readonly code: 'too_big' | 'too_small' },
  found: string,
  amount: string,
  edge: string,
  limit: number,
): string {
  if (issue.origin === 'array' || issue.origin === 'string') {
    const what = issue.origin === 'array' ? 'entries' : 'characters';
    return `it has too ${amount} ${what}; use at ${edge} ${limit}.`;
  }
  const size = amount === 'many' ? 'large' : 'small';
  return `${found} is too ${size}; use at ${edge} ${limit}.`;
}

const EXPECTED: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  string: 'text',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

function expectedText(expected: string): string {
  return EXPECTED[expected] ?? expected;
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined,
    value,
  );
}

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  return cut(JSON.stringify(value));
}

function cut(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
