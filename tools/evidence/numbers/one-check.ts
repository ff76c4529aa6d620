import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Lab } from './lab.ts';
import { passOver } from './passing.ts';
import type { Check, Line, Page } from './types.ts';

/** A check of a page: line number and place in it, from 0. */
export interface Place {
  readonly line: number;
  readonly at: number;
}

/** What one process found. */
export interface Found {
  readonly check: Check;
  readonly recipes: readonly string[];
  readonly seconds: number;
  /** Commit and machine. */
  readonly where?: string;
}

/** "2.5" */
export const placeName = ({ line, at }: Place): string => `${line}.${at}`;

/** The other way round. Throws where there is no such line. */
export function placeOf(page: Page, name: string): { readonly line: Line; readonly at: number } {
  const [number, at] = name.split('.').map(Number);
  const line = page.lines.find((own) => own.number === number);
  if (line === undefined) throw new Error(`There is no check ${name}.`);
  return { line, at };
}

/** What each check is about, in order; nothing is run. */
export async function checksOf(lab: Lab, line: Line): Promise<readonly string[]> {
  passOver(true);
  const found: string[] = [];
  for await (const { what } of line.checks(lab)) found.push(what);
  passOver(false);
  return found;
}

/** Runs one check of a line and passes over the others. */
export async function runCheck(lab: Lab, line: Line, at: number): Promise<Found> {
  const started = Date.now();
  let place = 0;
  passOver(place !== at);
  for await (const check of line.checks(lab)) {
    const recipes = [...new Set(lab.asked)];
    if (place === at) return { check, recipes, seconds: (Date.now() - started) / 1000 };
    place += 1;
    passOver(place !== at);
  }
  throw new Error(`Line ${line.number} has no check ${at}.`);
}

const fileOf = (scratch: string, place: Place): string =>
  join(scratch, 'checks', `${placeName(place)}.json`);

export function keepFound(scratch: string, place: Place, found: Found): void {
  const path = fileOf(scratch, place);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, JSON.stringify(found));
}

/** What an earlier run of the check found. */
export function keptFound(scratch: string, place: Place): Found | undefined {
  try {
    return JSON.parse(readFileSync(fileOf(scratch, place), 'utf8')) as Found;
  } catch {
    return undefined;
  }
}
