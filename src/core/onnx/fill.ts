import { LatheError } from '../errors/lathe-error.ts';
import { memoryData } from './tensor-data.ts';
import type { Model, Tensor, TensorData } from './types.ts';

/** Bytes for holes, by tensor name. A hole is an initializer with a size and no bytes yet (`plannedData`). */
export type Fillings = ReadonlyMap<string, Uint8Array>;

/**
 * The model with bytes in the holes that `fillings` names; everything else keeps its identity. A run can
 * do nothing else to a planned model, so the planned size is the file's size.
 * Throws `hole-unknown` for a name that is no hole, `hole-size` for bytes of another length.
 */
export function fillHoles(model: Model, fillings: Fillings): Model {
  return fillWith(model, inMemory(fillings));
}

/** Handles to fillings that stay where they are. */
export function inMemory(fillings: Fillings): ReadonlyMap<string, TensorData> {
  return new Map([...fillings].map(([name, bytes]) => [name, memoryData(bytes)]));
}

/** {@link fillHoles} from bytes that lie elsewhere: in a file, say. */
export function fillWith(model: Model, fillings: ReadonlyMap<string, TensorData>): Model {
  if (fillings.size === 0) return model;
  const left = new Set(fillings.keys());
  const initializers = model.graph.initializers.map((tensor) => {
    const data = fillings.get(tensor.name);
    if (data === undefined) return tensor;
    left.delete(tensor.name);
    return filled(tensor, data);
  });
  for (const name of left) throw unknownHole(name);
  return { ...model, graph: { ...model.graph, initializers } };
}

function filled(tensor: Tensor, made: TensorData): Tensor {
  const { name, data } = tensor;
  if (data.planned !== true) throw unknownHole(name);
  if (made.byteLength !== data.byteLength) throw wrongSize(name, data.byteLength, made.byteLength);
  return { ...tensor, data: made };
}

/** Names of the initializers that have no bytes yet. */
export function holesOf({ graph }: Model): readonly string[] {
  return graph.initializers.filter(({ data }) => data.planned === true).map(({ name }) => name);
}

/** Throws `hole-left` when some initializer has no bytes. */
export function requireFilled(model: Model): void {
  const [first, ...more] = holesOf(model);
  if (first === undefined) return;
  throw new LatheError(
    'hole-left',
    `The run ended without values for "${first}"${more.length > 0 ? ` and ${more.length} more tensors` : ''} that were planned; run the recipe again, and report this if it happens twice.`,
    { name: first },
  );
}

/**
 * `next`, which was planned on top of `planned`, with the bytes that the holes of `planned` have got in
 * `done`. Holes are known by their handles, so a tensor may have been renamed or moved meanwhile.
 */
export function carryFillings(planned: Model, done: Model, next: Model): Model {
  const known = new Map(done.graph.initializers.map(({ name, data }) => [name, data]));
  const byHole = new Map<TensorData, TensorData>();
  for (const { name, data } of planned.graph.initializers) {
    const got = data.planned === true ? known.get(name) : undefined;
    if (got !== undefined) byHole.set(data, got);
  }
  if (byHole.size === 0) return next;
  const initializers = next.graph.initializers.map((tensor) => {
    const data = byHole.get(tensor.data);
    return data === undefined ? tensor : { ...tensor, data };
  });
  return { ...next, graph: { ...next.graph, initializers } };
}

function unknownHole(name: string): LatheError {
  return new LatheError(
    'hole-unknown',
    `The run has values for "${name}", which the plan does not leave open; report this, with the recipe.`,
    { name },
  );
}

function wrongSize(name: string, planned: number, found: number): LatheError {
  return new LatheError(
    'hole-size',
    `The run made ${found} bytes for "${name}" where ${planned} were planned; report this, with the recipe.`,
    { name, planned, found },
  );
}
