import { LatheError } from '../errors/lathe-error.ts';
import { allMetas } from './catalog.ts';
import type { Method } from './contract.ts';
import { nearestName } from '../errors/nearest-name.ts';
import { METHODS } from './registry.generated.ts';

const byId = new Map<string, Method>(METHODS.map((method) => [method.meta.id, method]));

/** Every method with its code, in the order of the catalog. */
export function allMethods(): readonly Method[] {
  return allMetas().map(({ id }) => methodById(id));
}

/** The method of this id. Throws `unknown-method` with the nearest id. */
export function methodById(id: string): Method {
  const method = byId.get(id);
  if (method !== undefined) return method;
  const nearest = nearestName(id, [...byId.keys()]);
  throw new LatheError('unknown-method', `There is no method "${id}"; did you mean "${nearest}"?`, {
    method: id,
    nearest: nearest ?? '',
  });
}
