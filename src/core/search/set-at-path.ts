import { LatheError } from '../errors/lathe-error.ts';

type Key = string | number;

const PART = /^(?:\.?([A-Za-z][A-Za-z0-9]*)|\[(\d{1,6})\])/;

/**
 * A copy of a JSON value with `value` at a path such as `steps[0].options.bits`. All but the last part
 * of the path must exist (own properties only: paths come from documents). Throws `path-invalid`, `path-missing`.
 */
export function setAtPath(target: unknown, path: string, value: unknown): unknown {
  return set(target, keysOf(path), value, path);
}

function keysOf(path: string): Key[] {
  const keys: Key[] = [];
  for (let rest = path; rest !== '';) {
    const match = PART.exec(rest);
    if (match === null) throw invalid(path);
    keys.push(match[1] ?? Number(match[2]));
    rest = rest.slice(match[0].length);
  }
  if (keys.length === 0) throw invalid(path);
  return keys;
}

function set(target: unknown, [key, ...rest]: Key[], value: unknown, path: string): unknown {
  const inner = rest.length === 0 ? value : set(child(target, key, path), rest, value, path);
  if (Array.isArray(target) && typeof key === 'number') {
    if (key >= target.length) throw missing(path, `[${key}]`);
    return target.with(key, inner);
  }
  if (typeof target !== 'object' || target === null || Array.isArray(target)) {
    throw missing(path, String(key));
  }
  return { ...target, [key]: inner };
}

function child(target: unknown, key: Key, path: string): unknown {
  const found: unknown =
    typeof target === 'object' && target !== null && Object.hasOwn(target, key)
      ? Reflect.get(target, key)
      : undefined;
  if (found === undefined) throw missing(path, typeof key === 'number' ? `[${key}]` : key);
  return found;
}

function invalid(path: string): LatheError {
  return new LatheError(
    'path-invalid',
    `"${path}" is no path in a recipe; write it like steps[0].options.bits.`,
  );
}

function missing(path: string, part: string): LatheError {
  return new LatheError(
    'path-missing',
    `The path "${path}" leads nowhere, because the recipe has nothing at "${part}"; the first step is steps[0].`,
  );
}
