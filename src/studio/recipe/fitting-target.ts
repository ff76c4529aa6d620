import type { Anatomy, Layer, RoleGroup } from '../../core/anatomy/types.ts';
import { selectLayers } from '../../core/recipe/targets.ts';
import type { Target, TargetBase } from '../../core/recipe/types.ts';
import {
  exceptedNames,
  otherExceptions,
  ROLE_GROUPS,
  withBase,
  withoutExceptions,
} from './target.ts';

type Names = ReadonlySet<string>;

/** Names of the layers a target means. */
export function namesOf(anatomy: Anatomy, target: Target): Set<string> {
  return new Set(selectLayers(anatomy, target).map(({ name }) => name));
}

/**
 * The target changed so that it means exactly the wanted layers: by an exception more or less where that says it,
 * else said anew. Of all ways to say it the shortest.
 */
export function fittingTarget(anatomy: Anatomy, target: Target, wanted: Names): Target {
  const now = namesOf(anatomy, target);
  if (sameNames(now, wanted)) return target;
  // What it was pointed at stays to be seen, and to be taken back.
  if (wanted.size === 0) return withException(anatomy, target, now);
  const less = new Set([...now].filter((name) => !wanted.has(name)));
  const more = new Set([...wanted].filter((name) => !now.has(name)));
  return shortest(anatomy, wanted, [
    ...(less.size > 0 ? [withException(anatomy, target, less)] : []),
    ...(more.size > 0 ? [withoutExceptionsOf(anatomy, target, more)] : []),
    ...fresh(anatomy, wanted),
  ]);
}

/** The shortest target that means exactly these layers. */
export function targetOf(anatomy: Anatomy, wanted: Names): Target {
  return shortest(anatomy, wanted, fresh(anatomy, wanted));
}

function shortest(anatomy: Anatomy, wanted: Names, ways: readonly Target[]): Target {
  const exact = ways.filter((way) => sameNames(namesOf(anatomy, way), wanted));
  const length = (way: Target): number => JSON.stringify(way).length;
  // The list of names, last of all, is always exact.
  return exact.reduce((best, way) => (length(way) < length(best) ? way : best), exact[0]);
}

function fresh(anatomy: Anatomy, wanted: Names): Target[] {
  const left = new Set([...namesOf(anatomy, 'all')].filter((name) => !wanted.has(name)));
  return [
    ...bases(anatomy, wanted),
    ...bases(anatomy, left).map((base): Target => ({ all: true, except: [base] })),
  ];
}

/** Ways to say a set of layers without exceptions: roles, blocks, roles in blocks, at last their names. */
function bases(anatomy: Anatomy, wanted: Names): TargetBase[] {
  const layers = anatomy.layers.filter(({ name }) => wanted.has(name));
  const groups = new Set(layers.map(({ group }) => group));
  const [group] = groups;
  const role = groups.size === 1 && isTargetRole(group) ? group : undefined;
  const blocks = blocksOf(layers);
  return [
    'all',
    ...(role === undefined ? [] : [role]),
    ...(blocks === undefined ? [] : [{ blocks }]),
    ...(blocks === undefined || role === undefined ? [] : [{ role, blocks }]),
    { tensors: layers.map(({ name }) => name) },
  ];
}

function isTargetRole(group: RoleGroup): group is (typeof ROLE_GROUPS)[number] {
  return (ROLE_GROUPS as readonly string[]).includes(group);
}

function blocksOf(layers: readonly Layer[]): readonly number[] | undefined {
  const found = new Set(layers.map(({ block }) => block));
  const numbers = [...found].filter((block) => block !== undefined);
  return numbers.length > 0 && numbers.length === found.size
    ? numbers.sort((a, b) => a - b)
    : undefined;
}

function withException(anatomy: Anatomy, target: Target, less: Names): Target {
  const [base] = bases(anatomy, less).filter((way) => sameNames(namesOf(anatomy, way), less));
  const named = typeof base === 'object' && base.tensors !== undefined ? base.tensors : undefined;
  const names = [...exceptedNames(target), ...(named ?? [])];
  const others = [...otherExceptions(target), ...(named === undefined ? [base] : [])];
  return withBase(withoutExceptions(target), names, others);
}

function withoutExceptionsOf(anatomy: Anatomy, target: Target, more: Names): Target {
  const names = exceptedNames(target).filter((name) => !more.has(name));
  const others = otherExceptions(target).filter((base) => {
    const meant = namesOf(anatomy, base);
    return ![...meant].every((name) => more.has(name));
  });
  return withBase(withoutExceptions(target), names, others);
}

export function sameNames(a: Names, b: Names): boolean {
  return a.size === b.size && [...a].every((name) => b.has(name));
}
