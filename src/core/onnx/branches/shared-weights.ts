import { capturedValues } from '../graph/values.ts';
import type { Graph, Tensor } from '../types.ts';

/** Compared piece by piece; the first is small, since tensors that differ mostly do so at once. */
const FIRST = 256;
const CHUNK = 1 << 22;

/**
 * Which initializer of `second` is which of `first`: of the same type, shape and bytes, each used once,
 * one of the same name before one of another. Two equal weights of one branch (the ones of its norms)
 * stay two, since training may part them. Reads what could be equal.
 */
export async function sharedWeights(
  first: readonly Tensor[],
  second: readonly Tensor[],
): Promise<ReadonlyMap<Tensor, Tensor>> {
  const free = new Set(first);
  const shared = new Map<Tensor, Tensor>();
  for (const named of [true, false]) {
    for (const tensor of second) {
      if (shared.has(tensor)) continue;
      const twin = await twinOf(tensor, free, named);
      if (twin === undefined) continue;
      free.delete(twin);
      shared.set(tensor, twin);
    }
  }
  return shared;
}

async function twinOf(
  tensor: Tensor,
  candidates: Iterable<Tensor>,
  named: boolean,
): Promise<Tensor | undefined> {
  for (const candidate of candidates) {
    if (named && candidate.name !== tensor.name) continue;
    if (sameForm(candidate, tensor) && (await sameBytes(candidate, tensor))) return candidate;
  }
  return undefined;
}

function sameForm(a: Tensor, b: Tensor): boolean {
  const dims = a.dims.length === b.dims.length && a.dims.every((d, axis) => d === b.dims[axis]);
  return dims && a.dataType === b.dataType && a.strings === undefined && b.strings === undefined;
}

async function sameBytes({ data: a }: Tensor, { data: b }: Tensor): Promise<boolean> {
  if (a === b) return true;
  if (a.byteLength !== b.byteLength) return false;
  for (let at = 0, size = FIRST; at < a.byteLength; at += size, size = CHUNK) {
    const length = Math.min(size, a.byteLength - at);
    const [x, y] = await Promise.all([a.read(at, length), b.read(at, length)]);
    if (x.some((byte, i) => byte !== y[i])) return false;
  }
  return true;
}

/** The initializers that only this body reads: its own, and those around it that nothing else takes. */
export function ownWeights(graph: Graph, body: Graph, others: ReadonlySet<string>): Tensor[] {
  const captured = capturedValues(body);
  const ports = new Set([...graph.inputs, ...graph.outputs].map(({ name }) => name));
  const outside = graph.initializers.filter(
    ({ name }) => captured.has(name) && !others.has(name) && !ports.has(name),
  );
  return [...body.initializers, ...outside];
}
