import type { Ablation, Gate } from './types.ts';

/** A value that ablations switch off, and in which ways. */
export interface GateSite {
  readonly value: string;
  /** Some ablation makes entries of it zero. */
  readonly masked: boolean;
  /** Values that some ablation puts in its place. */
  readonly insteads: readonly string[];
}

/** What an ablation does to one value. */
export interface Setting {
  /** Entries of the last axis that are zero, or all. */
  readonly zero?: readonly { readonly from: number; readonly end: number }[] | 'all';
  readonly instead?: string;
}

/** The values that ablations gate, each once, in order of their first mention. */
export function gateSites(ablations: readonly Ablation[]): readonly GateSite[] {
  const values = new Set(ablations.flatMap(({ gates }) => gates.map(({ value }) => value)));
  return [...values].map((value) => {
    const gates = ablations.flatMap((ablation) => ablation.gates.filter((g) => g.value === value));
    return {
      value,
      masked: gates.some(({ instead }) => instead === undefined),
      insteads: [...new Set(gates.flatMap(({ instead }) => instead ?? []))],
    };
  });
}

/**
 * What an ablation does to a value; undefined where it leaves it open. Of several gates on one value: a value in its
 * place goes before zeros, everything before some columns.
 */
export function settingOf({ gates }: Ablation, value: string): Setting | undefined {
  const here = gates.filter((gate) => gate.value === value);
  if (here.length === 0) return undefined;
  const instead = here.find((gate) => gate.instead !== undefined)?.instead;
  if (instead !== undefined) return { instead };
  return { zero: here.some(isWhole) ? 'all' : spansOf(here) };
}

function isWhole({ columns }: Gate): boolean {
  return columns === undefined;
}

function spansOf(gates: readonly Gate[]) {
  return gates.flatMap(({ columns = [] }) => columns).sort((a, b) => a.from - b.from);
}

/** One number per entry of the last axis: 0 where a setting closes it, else 1. */
export function maskOf(setting: Setting | undefined, columns: number): Float32Array {
  const mask = new Float32Array(columns).fill(1);
  if (setting?.zero === 'all') return mask.fill(0);
  for (const { from, end } of setting?.zero ?? []) mask.fill(0, from, end);
  return mask;
}
