import { dataTypeName } from '../tensor/data-type.ts';
import { batchAxis } from './axes.ts';
import { cacheLayout, selfCaches, type CacheKind } from './layout.ts';
import { cacheContradiction, cacheUnpaired } from './problems.ts';
import type { CachePort } from './port.ts';

/** A decoder's key/value cache, as its inputs and outputs tell. */
export interface CacheFacts {
  readonly kind: CacheKind;
  /** Keys and values in inputs of their own, or both of a block in one. */
  readonly stored: 'pairs' | 'fused';
  /** Its inputs, and the outputs that continue them. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** The axis that counts tokens. */
  readonly axis: number;
  readonly heads?: number;
  readonly headSize?: number;
  readonly dataType: string;
  /** Tokens it has room for, where that is fixed. */
  readonly capacity?: number;
}

/** What is known of a cache; undefined where a model takes none, one sentence where it cannot be used. */
export function cacheFacts(
  inputs: readonly CachePort[],
  outputs: readonly CachePort[],
  tokens?: CachePort,
): CacheFacts | string | undefined {
  const [first] = selfCaches(inputs);
  if (first === undefined) return undefined;
  const problem = cacheContradiction(inputs, outputs, tokens) ?? cacheUnpaired(inputs, outputs);
  if (problem !== undefined) return problem.message;
  const layout = cacheLayout(inputs, outputs, tokens);
  if (layout === undefined) {
    return `The sizes of the cache input "${first.name}" do not tell which of its axes counts tokens, so it stays empty.`;
  }
  const { kind, pairs, capacity } = layout;
  const [{ axis }] = pairs;
  const [heads, headSize] = headsOf(first, axis, batchAxis(first, tokens));
  return {
    ...{ kind, stored: first.dims.length > 4 ? 'fused' : 'pairs', axis },
    inputs: pairs.map(({ past }) => past),
    outputs: pairs.map(({ present }) => present),
    ...(heads !== undefined && { heads }),
    ...(headSize !== undefined && { headSize }),
    dataType: dataTypeName(first.dataType) ?? String(first.dataType),
    ...(capacity !== undefined && { capacity }),
  };
}

/** The two axes behind the batch that count no tokens: heads, then their size. */
function headsOf(
  { dims }: CachePort,
  axis: number,
  batch: number,
): readonly (number | undefined)[] {
  const rest = dims.filter((_, at) => at > batch && at !== axis);
  const numbers = rest.map((dim) => (typeof dim === 'number' ? dim : undefined));
  return numbers.length === 2 ? numbers : [];
}

const KEEPS: Readonly<Record<CacheKind, string>> = {
  growing: 'grows with the text',
  buffer: 'written where it is told',
  window: 'the newest tokens at its end',
};

/** The facts in one line for people. */
export function cacheLine(facts: CacheFacts): string {
  const { kind, stored, inputs, axis, heads, headSize, dataType, capacity } = facts;
  const places = capacity === undefined ? '' : ` of ${capacity} places`;
  const what = stored === 'fused' ? 'keys and values together' : 'keys and values apart';
  return `cache: ${inputs.length} inputs like "${inputs[0]}" (${dataType}, ${heads ?? '?'} heads of ${headSize ?? '?'}, ${what})${places}; ${KEEPS[kind]}, tokens on axis ${axis}`;
}
