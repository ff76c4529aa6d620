import type { Target, TargetBase, TargetSelector } from '../../core/recipe/types.ts';

export const ROLE_GROUPS = ['attention', 'feed-forward', 'embedding', 'output-head'] as const;
export type TargetKind = 'all' | (typeof ROLE_GROUPS)[number] | 'blocks' | 'tensors';

/** Which of the picker's choices a target is. */
export function targetKind(target: Target): TargetKind {
  if (typeof target === 'string') return target;
  if (target.role !== undefined) return target.role;
  if (target.blocks !== undefined) return 'blocks';
  return target.tensors === undefined ? 'all' : 'tensors';
}

/** Another choice, keeping what is excepted. */
export function withKind(target: Target, kind: TargetKind): Target {
  const base: TargetBase =
    kind === 'blocks' ? { blocks: [] } : kind === 'tensors' ? { tensors: [] } : kind;
  return withExceptions(base, exceptedNames(target));
}

export function withBlocks(target: Target, blocks: readonly number[]): Target {
  const sorted = [...blocks].sort((a, b) => a - b);
  return withExceptions({ blocks: sorted }, exceptedNames(target));
}

export function withTensors(target: Target, tensors: readonly string[]): Target {
  return withExceptions({ tensors }, exceptedNames(target));
}

/** Names and patterns excepted one by one; other exceptions are kept but not listed here. */
export function exceptedNames(target: Target): readonly string[] {
  if (typeof target === 'string' || !('except' in target)) return [];
  return (target.except ?? []).flatMap((base) =>
    typeof base === 'object' && base.tensors !== undefined ? base.tensors : [],
  );
}

export function except(target: Target, name: string): Target {
  const names = exceptedNames(target);
  return names.includes(name) ? target : withExceptions(target, [...names, name]);
}

export function include(target: Target, name: string): Target {
  return withExceptions(
    target,
    exceptedNames(target).filter((other) => other !== name),
  );
}

/** What is excepted by role or block rather than by name: shown, and removed one by one. */
export function otherExceptions(target: Target): readonly TargetBase[] {
  const list = typeof target === 'string' || !('except' in target) ? [] : (target.except ?? []);
  return list.filter((base) => typeof base === 'string' || base.tensors === undefined);
}

export function withoutException(target: Target, removed: TargetBase): Target {
  const names = exceptedNames(target);
  const others = otherExceptions(target).filter((base) => base !== removed);
  return rebuilt(target, names, others);
}

function withExceptions(target: Target, names: readonly string[]): Target {
  return rebuilt(target, names, otherExceptions(target));
}

function rebuilt(target: Target, names: readonly string[], others: readonly TargetBase[]): Target {
  return withBase(withoutExceptions(target), names, others);
}

/** A target less what is named and what is said otherwise. */
export function withBase(
  base: TargetBase,
  names: readonly string[],
  others: readonly TargetBase[],
): Target {
  const exceptions: TargetBase[] = names.length > 0 ? [...others, { tensors: names }] : [...others];
  if (exceptions.length === 0) return base;
  return { ...selectorOf(base), except: exceptions };
}

/** What a target means before anything is taken away. */
export function withoutExceptions(target: Target): TargetBase {
  if (typeof target === 'string') return target;
  const { all, role, blocks, tensors } = target;
  if (all === true) return 'all';
  if (role !== undefined && blocks === undefined && tensors === undefined) return role;
  return {
    ...(role === undefined ? {} : { role }),
    ...(blocks === undefined ? {} : { blocks }),
    ...(tensors === undefined ? {} : { tensors }),
  };
}

function selectorOf(base: TargetBase): TargetSelector {
  if (typeof base !== 'string') return base;
  return base === 'all' ? { all: true } : { role: base };
}
