import type { Value } from '../../core/tensor/values.ts';
import { isCacheInput } from '../../core/data/cache-input.ts';
import type { PortInfo, Session } from '../types.ts';
import type { Feeds } from '../values.ts';

/** A cache input and the output of an earlier run that it takes. */
export interface CachePort {
  readonly past: string;
  readonly present: string;
  /** Keys and values of the encoder's states: made once, the same for every token. */
  readonly cross: boolean;
}

const CROSS = /(^|[._])(encoder|cross)([._]|$)/;

/**
 * Which outputs of a decoder's first run and of its later ones are the cache inputs of `next`; undefined where it
 * takes no cache, or one that `first` does not make.
 */
export function crossCache(
  next: Pick<Session, 'inputs'>,
  first: Pick<Session, 'outputs'>,
): readonly CachePort[] | undefined {
  const outputs = first.outputs.map(({ name }) => name);
  const inputs = next.inputs.filter(({ name }) => isCacheInput(name));
  const ports = inputs.map(({ name }) => portOf(name, outputs));
  const known = ports.filter((port) => port !== undefined);
  return known.length > 0 && known.length === ports.length ? known : undefined;
}

/** The cache inputs of a decoder that goes on, each with that of its own outputs that replaces it, if one does. */
export function ownCache({ inputs, outputs }: Pick<Session, 'inputs' | 'outputs'>): CachePort[] {
  const names = outputs.map(({ name }) => name);
  return inputs
    .filter(({ name }) => isCacheInput(name))
    .map(
      ({ name: past }) =>
        portOf(past, names) ?? { past, present: namesOf(past)[0], cross: CROSS.test(past) },
    );
}

function portOf(past: string, outputs: readonly string[]): CachePort | undefined {
  const present = namesOf(past).find((name) => outputs.includes(name));
  return present === undefined ? undefined : { past, present, cross: CROSS.test(past) };
}

function namesOf(past: string): readonly [string, string] {
  return [past.replace(/^past_key_values?(?=[._]\d)/, 'present'), past.replace(/^past/, 'present')];
}

/** Outputs of `session` that are cache. */
export function presentNames(session: Session, ports: readonly CachePort[]): string[] {
  const outputs = new Set(session.outputs.map(({ name }) => name));
  return ports.map(({ present }) => present).filter((name) => outputs.has(name));
}

/**
 * The cache after a run: what it gave of the decoder's own, and of the encoder's what the first run gave. (Later runs
 * give none of it, or as merged decoders do, one without contents.)
 */
export function grownCache(
  ports: readonly CachePort[],
  found: Readonly<Record<string, Value>>,
  before?: Feeds,
): Feeds {
  return Object.fromEntries(
    ports.map(({ past, present, cross }) => [
      past,
      (cross && before?.[past]) || found[present] || before?.[past],
    ]),
  );
}

/** The first `length` tokens of a cache: axis 2 of [batch, heads, tokens, size]. */
export function cacheOfFirst(ports: readonly CachePort[], cache: Feeds, length: number): Feeds {
  return Object.fromEntries(
    ports.map(({ past, cross }) => [past, cross ? cache[past] : firstTokens(cache[past], length)]),
  );
}

function firstTokens({ dataType, dims, data }: Value, length: number): Value {
  const [batch, heads, tokens, size] = dims;
  const rows = batch * heads;
  const kept = data.slice(0, rows * length * size);
  for (let row = 0; row < rows; row++) {
    const from = row * tokens * size;
    // Same class on both sides, which the union of array types cannot express.
    (kept as Float32Array).set(
      (data as Float32Array).subarray(from, from + length * size),
      row * length * size,
    );
  }
  return { dataType, dims: [batch, heads, length, size], data: kept };
}

/** Whether a decoder can only go on from a cache that another file makes. */
export function needsFirst(inputs: readonly Pick<PortInfo, 'name'>[]): boolean {
  return (
    inputs.some(({ name }) => isCacheInput(name) && CROSS.test(name)) &&
    !inputs.some(({ name }) => /^encoder_(hidden_states|outputs?)$/.test(name))
  );
}
