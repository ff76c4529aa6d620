import type { AttentionCore } from './core.ts';
import type { Parts } from './parts.ts';
import type { Projections } from './projections.ts';
import { isMove } from './operators.ts';

export interface HeadSizes {
  readonly heads?: number;
  readonly keyValueHeads?: number;
  readonly headSize?: number;
}

/**
 * Heads and their size. With d channels per head: q has heads·d columns, k and v keyValueHeads·d
 * each; d is the last dimension of q at the product, or follows from the operator's attributes.
 */
export function headSizes(parts: Parts, core: AttentionCore, around: Projections): HeadSizes {
  const packed = packedProjection(around);
  const total = packed ?? around.query[0]?.outFeatures;
  const queryWidth = packed === undefined ? total : undefined;
  const headSize = core.headSize ?? sizeFromHeads(core, queryWidth, packed) ?? lastDim(parts, core);
  const contextWidth = around.output.find(({ inFeatures }) => inFeatures)?.inFeatures;
  const heads =
    core.heads ??
    quotient(queryWidth, headSize) ??
    quotient(contextWidth, headSize) ??
    headAxis(parts, core.query);
  const size = headSize ?? quotient(queryWidth ?? contextWidth, heads);
  return {
    heads,
    headSize: size,
    keyValueHeads: kvHeads(around, core.keyValueHeads ?? heads, heads, size),
  };
}

/** Width of the one map that makes q, k and v together. */
function packedProjection({ query, key, value }: Projections): number | undefined {
  const fused = query.length === 1 && key[0] === query[0] && value[0] === query[0];
  return fused ? query[0].outFeatures : undefined;
}

function sizeFromHeads(core: AttentionCore, queryWidth?: number, packed?: number) {
  if (core.heads === undefined) return undefined;
  if (packed === undefined) return quotient(queryWidth, core.heads);
  return quotient(packed, core.heads + 2 * (core.keyValueHeads ?? core.heads));
}

function lastDim(parts: Parts, core: AttentionCore): number | undefined {
  return parts.dimsOf(core.query)?.at(-1);
}

/** Axis 1 of a 4-D q, or of the nearest 4-D value it was made from by moves. */
function headAxis(parts: Parts, query: string): number | undefined {
  let value = query;
  for (let steps = 0; steps < 8; steps++) {
    const dims = parts.dimsOf(value);
    if (dims?.length === 4) return dims[1];
    const node = parts.view.maker(value);
    if (!node || !isMove(node)) return undefined;
    value = node.inputs[0];
  }
  return undefined;
}

/**
 * From the width of the keys' own projection: an operator with as many key as query heads may read
 * keys that were repeated before it. `otherwise` is what the operator says, or all heads.
 */
function kvHeads(
  { query, key }: Projections,
  otherwise?: number,
  heads?: number,
  size?: number,
): number | undefined {
  const width = key[0]?.outFeatures;
  if (width === undefined || heads === undefined || size === undefined) return otherwise;
  const own =
    key[0] === query[0] ? quotient(width - heads * size, 2 * size) : quotient(width, size);
  return own ?? otherwise;
}

function quotient(whole?: number, part?: number): number | undefined {
  if (whole === undefined || part === undefined || part <= 0) return undefined;
  const result = whole / part;
  return Number.isInteger(result) && result > 0 ? result : undefined;
}
