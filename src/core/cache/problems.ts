import { LatheError } from '../errors/lathe-error.ts';
import { batchAxis, tokenAxis } from './axes.ts';
import { selfCaches } from './layout.ts';
import { presentName } from './names.ts';
import { isOpen, type CachePort } from './port.ts';

/** What contradicts itself in a cache: an input and the output that continues it, of different heads or sizes. */
export function cacheContradiction(
  inputs: readonly CachePort[],
  outputs: readonly CachePort[],
  tokens?: CachePort,
): LatheError | undefined {
  for (const past of selfCaches(inputs)) {
    const name = presentName(
      past.name,
      outputs.map((port) => port.name),
    );
    const present = outputs.find((port) => port.name === name);
    if (present !== undefined && !continues(past, present, tokens)) return differ(past, present);
  }
  return undefined;
}

function continues(past: CachePort, present: CachePort, tokens: CachePort | undefined): boolean {
  if (present.dims.length === 0) return true;
  if (present.dims.length !== past.dims.length) return false;
  const counts = batchAxis(past, tokens);
  const axis = tokenAxis(past, present, counts);
  return past.dims.every((dim, at) => {
    const grown = present.dims[at];
    return at === axis || isOpen(dim) || isOpen(grown) || dim === grown;
  });
}

/** The first cache input that no output continues. */
export function cacheUnpaired(
  inputs: readonly CachePort[],
  outputs: readonly CachePort[],
): LatheError | undefined {
  const names = outputs.map(({ name }) => name);
  const lone = selfCaches(inputs).find(({ name }) => presentName(name, names) === undefined);
  return lone && unpaired(lone.name);
}

function differ(past: CachePort, present: CachePort): LatheError {
  return new LatheError(
    'cache-shape',
    `The cache input "${past.name}" has the shape ${shown(past)}, but "${present.name}", which continues it, has ${shown(present)}; export the model again so that both have the same heads and sizes.`,
    { past: past.name, present: present.name },
  );
}

function unpaired(past: string): LatheError {
  return new LatheError(
    'cache-unpaired',
    `No output continues the cache input "${past}" as "present.0.key" continues "past_key_values.0.key", so the cache cannot be filled; export the model with all of its caches as outputs.`,
    { past },
  );
}

function shown({ dims }: CachePort): string {
  return `[${dims.map((dim) => (isOpen(dim) ? String(dim) || '?' : dim)).join(', ')}]`;
}
