import { cacheBatchAxis, CACHE_INPUT, languageFeeds, type Past, type TokenBatch } from './feeds.ts';
import type { PortInfo, Session } from './types.ts';
import type { Value } from '../core/tensor/values.ts';

/** An input that takes what an output gave one run earlier. */
export interface CachePair {
  readonly past: string;
  readonly present: string;
  /** The axis of both that counts tokens. */
  readonly axis: number;
}

/**
 * Names of the output that belongs to a past input: `past_key_values.0.key` → `present.0.key` (Optimum,
 * transformers.js), `present_key_values.0.key`; keys and values in one array, `past.0` or `past_0` →
 * `present.0`, `present_0`; `past_key_0` → `present_key_0` (onnxruntime's own exporters).
 */
function presentNames(past: string): readonly string[] {
  return [past.replace(/^past_key_values?(?=[._]\d)/, 'present'), past.replace(/^past/, 'present')];
}

/**
 * Which outputs feed which inputs of a decoder with a key/value cache, in the order of its inputs; undefined
 * where it offers none, or one whose ports do not pair up or do not say which axis grows.
 */
export function cachePairs(
  inputs: readonly PortInfo[],
  outputs: readonly string[],
): readonly CachePair[] | undefined {
  const pairs = inputs
    .filter(({ name, dims }) => CACHE_INPUT.test(name) && dims.length >= 4)
    .map((port) => pairOf(port, outputs));
  const known = pairs.filter((pair) => pair !== undefined);
  return known.length > 0 && known.length === pairs.length ? known : undefined;
}

function pairOf(port: PortInfo, outputs: readonly string[]): CachePair | undefined {
  const present = presentNames(port.name).find((name) => outputs.includes(name));
  const open = port.dims.flatMap((dim, axis) =>
    axis !== cacheBatchAxis(port) && !(typeof dim === 'number' && dim >= 0) ? [axis] : [],
  );
  if (present === undefined || open.length !== 1) return undefined;
  return { past: port.name, present, axis: open[0] };
}

/** The pairs of an open model. */
export function cacheOf({ inputs, outputs }: Session): readonly CachePair[] | undefined {
  return cachePairs(
    inputs,
    outputs.map(({ name }) => name),
  );
}

/** What one run gave, and what the next one may go on from. */
export interface ReadOn {
  readonly found: Readonly<Record<string, Value>>;
  /** Absent when the cache did not grow by the tokens that were read: it then cannot be gone on from. */
  readonly past?: Past;
}

/** Runs the next tokens of texts behind those the past stands for, and keeps the cache they leave. */
export async function readOn(
  session: Session,
  pairs: readonly CachePair[],
  tokens: TokenBatch,
  fetches: readonly string[],
): Promise<ReadOn> {
  const presents = pairs.map(({ present }) => present);
  const feeds = languageFeeds(session.inputs, tokens);
  const found = await session.run(feeds, [...fetches, ...presents]);
  const length = (tokens.past?.length ?? 0) + Math.max(...tokens.windows.map((w) => w.length));
  const grown = pairs.every(({ present, axis }) => found[present].dims[axis] === length);
  if (!grown) return { found };
  const values = Object.fromEntries(pairs.map(({ past, present }) => [past, found[present]]));
  return { found, past: { length, values } };
}
