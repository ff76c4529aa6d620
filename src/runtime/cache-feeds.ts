import { isOpen } from '../core/cache/port.ts';
import { isCacheInput } from '../core/data/cache-input.ts';
import type { Value } from '../core/tensor/values.ts';
import type { PortInfo } from './types.ts';
import { makeValue, type Feeds } from './values.ts';

/**
 * Feeds that were made for one model as another takes them that keeps its cache in other numbers: empty caches get
 * the type and width that its inputs declare, everything else stays.
 */
export function withOwnCaches(inputs: readonly PortInfo[], feeds: Feeds): Feeds {
  const changed = inputs.flatMap((port) => {
    const value = Object.hasOwn(feeds, port.name) ? feeds[port.name] : undefined;
    return value && isForeign(port, value) ? [[port.name, emptyLike(port, value)] as const] : [];
  });
  return changed.length === 0 ? feeds : { ...feeds, ...Object.fromEntries(changed) };
}

function isForeign(port: PortInfo, { dataType, dims, data }: Value): boolean {
  const empty = data.length === 0 && dims.length === port.dims.length;
  return isCacheInput(port.name) && empty && dataType !== port.dataType;
}

function emptyLike({ dataType, dims }: PortInfo, value: Value): Value {
  const own = dims.map((dim, axis) => (isOpen(dim) ? value.dims[axis] : Number(dim)));
  return makeValue(dataType, own, () => 0);
}
