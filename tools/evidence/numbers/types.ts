import type { Metric } from '../../../src/core/metrics/types.ts';
import type { Lab } from './lab.ts';
import { passesOver } from './passing.ts';

/** One thing that must hold, and what came out. */
export interface Check {
  readonly what: string;
  readonly found: string;
  readonly holds: boolean;
}

/** A line of the numbers. */
export interface Line {
  readonly number: number;
  readonly claim: string;
  /** Checks in the order of the table; each fails for itself. */
  readonly checks: (lab: Lab) => AsyncIterable<Check>;
}

/** The lines of one issue, and the page they are written to. */
export interface Page {
  /** `npm run evidence -- NAME` writes `docs/evidence/NAME.md`. */
  readonly name: string;
  readonly title: string;
  readonly lines: readonly Line[];
}

export interface LineResult {
  readonly line: Line;
  readonly checks: readonly Check[];
  readonly minutes: number;
  /** Every recipe that was run for it, a line each: the subject and the steps. */
  readonly recipes: readonly string[];
  /** Commits and machines, where checks were made apart. */
  readonly where?: readonly string[];
}

/** "0.1153 ± 0.0041" */
export function shown(metric: Metric | undefined): string {
  if (metric === undefined) return '–';
  const { value, standardError } = metric;
  const error = Number.isFinite(standardError) ? ` ± ${standardError.toPrecision(2)}` : '';
  return `${value.toPrecision(4)}${error}`;
}

/** The check, or a failing one with the sentence of what went wrong. */
export async function attempt(
  what: string,
  check: () => Promise<Omit<Check, 'what'>>,
): Promise<Check> {
  if (passesOver()) return { what, found: '', holds: true };
  try {
    return { what, ...(await check()) };
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    return { what, found, holds: false };
  }
}
