import { isOpen, type CachePort } from './port.ts';

/**
 * The axis of a cache that counts examples: the one that has the token input's symbol, else behind keys and values
 * in one array [2, batch, …] and layers in one array [layers, 2, batch, …], else the first.
 */
export function batchAxis({ dims }: CachePort, tokens?: CachePort): number {
  const batch = tokens?.dims[0];
  const named = typeof batch === 'string' && batch !== '' ? dims.indexOf(batch) : -1;
  return named >= 0 ? named : Math.max(0, dims.length - 4);
}

const LENGTH = /past|seq|len|total|cache|ctx|context/i;

/**
 * The axis of a cache that counts tokens: the open one behind the batch, of several the one that becomes another
 * in `present` or is called a length; where all are fixed, the one that grows, else the last but one. Undefined
 * where nothing tells.
 */
export function tokenAxis(
  past: CachePort,
  present: CachePort | undefined,
  batch: number,
): number | undefined {
  const axes = past.dims.map((_, axis) => axis).filter((axis) => axis !== batch);
  const grows = (axis: number) => present !== undefined && past.dims[axis] !== present.dims[axis];
  const open = axes.filter((axis) => isOpen(past.dims[axis]));
  if (open.length === 1) return open[0];
  if (open.length === 0) return axes.find(grows) ?? past.dims.length - 2;
  const growing = open.filter(grows);
  if (growing.length === 1) return growing[0];
  const called = open.filter((axis) => LENGTH.test(String(past.dims[axis])));
  return called.length === 1 ? called[0] : undefined;
}
