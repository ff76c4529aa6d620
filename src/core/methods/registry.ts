import { LatheError } from '../errors/lathe-error.ts';
import type { Family, Method } from './contract.ts';
import { nearestName } from './nearest.ts';
import { METHODS } from './registry.generated.ts';

const FAMILIES: readonly Family[] = [
  'quantization',
  'pruning',
  'low-rank',
  'sharing',
  'tuning',
  'distillation',
];

const byId = new Map<string, Method>(METHODS.map((method) => [method.meta.id, method]));

/** Every method, by family, baselines before the methods they are shown beside. */
export function allMethods(): readonly Method[] {
  const rank = ({ meta }: Method): number =>
    FAMILIES.indexOf(meta.family) * 2 + (meta.baseline === undefined ? 0 : 1);
  return [...METHODS].sort((a, b) => rank(a) - rank(b));
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
