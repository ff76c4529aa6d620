import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Lab } from './lab.ts';
import { markdown } from './markdown.ts';
import { keepFound, placeOf, runCheck } from './one-check.ts';
import { runTogether } from './together.ts';
import { commitNow, machineNow } from './where.ts';
import type { Check, Line, LineResult, Page } from './types.ts';

export interface NumbersOptions {
  /** Numbers of lines, with commas; all without it. */
  readonly only?: string;
  /** Where finished runs are kept. */
  readonly scratch?: string;
  readonly out?: string;
  readonly threads?: string;
  /** How many checks are made at once, each in a process of its own; one after another in this one without it. */
  readonly processes?: string;
  /** One check ("2.5": line, and place from 0), for such a process: what it finds is kept in the folder `out`. */
  readonly check?: string;
}

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** Every line that was asked for; how many checks fail. A page of all lines keeps what other sittings found. */
export async function evidenceOf(page: Page, options: NumbersOptions): Promise<number> {
  const scratch = options.scratch ?? join(ROOT, 'out/evidence', page.name);
  const path = options.out ?? join(ROOT, 'docs/evidence', `${page.name}.md`);
  mkdirSync(scratch, { recursive: true });
  const lab = new Lab(scratch, Number(options.threads ?? availableParallelism()));
  if (options.check !== undefined) return oneCheck(lab, page, options.check, path);
  const chosen = options.only?.split(',').map(Number);
  const wanted = page.lines.filter((line) => chosen?.includes(line.number) ?? true);
  const processes = Number(options.processes ?? 1);
  const shared = { page, lines: wanted, scratch, root: ROOT, processes };
  const together = processes > 1 ? await runTogether(lab, shared) : undefined;
  const results: LineResult[] = [];
  for (const line of page.lines) {
    const result = wanted.includes(line)
      ? (together?.find((own) => own.line === line) ?? (await runLine(lab, line)))
      : keptResult(scratch, line);
    if (result === undefined) continue;
    results.push(result);
    keep(scratch, result);
    write(path, page, results);
  }
  return results.flatMap(({ checks }) => checks).filter(({ holds }) => !holds).length;
}

async function oneCheck(lab: Lab, page: Page, name: string, folder: string): Promise<number> {
  const { line, at } = placeOf(page, name);
  const found = await runCheck(lab, line, at);
  const where = `${commitNow()} on ${machineNow()}`;
  keepFound(folder, { line: line.number, at }, { ...found, where });
  const { what, found: text, holds } = found.check;
  process.stderr.write(`${name} ${holds ? 'yes' : 'NO'} ${what}: ${text}\n`);
  return holds ? 0 : 1;
}

async function runLine(lab: Lab, line: Line): Promise<LineResult> {
  const started = Date.now();
  const before = lab.asked.length;
  const checks: Check[] = [];
  for await (const check of line.checks(lab)) {
    checks.push(check);
    process.stderr.write(
      `${line.number} ${check.holds ? 'yes' : 'NO'} ${check.what}: ${check.found}\n`,
    );
  }
  const recipes = [...new Set(lab.asked.slice(before))];
  return { line, checks, recipes, minutes: (Date.now() - started) / 60_000 };
}

const fileOf = (scratch: string, { number }: Line) => join(scratch, `line-${number}.json`);

function keep(scratch: string, { line, ...result }: LineResult): void {
  writeFileSync(fileOf(scratch, line), JSON.stringify(result));
}

/** What an earlier sitting found of a line that was not asked for now. */
function keptResult(scratch: string, line: Line): LineResult | undefined {
  try {
    const kept = JSON.parse(readFileSync(fileOf(scratch, line), 'utf8')) as Omit<
      LineResult,
      'line'
    >;
    return { line, ...kept };
  } catch {
    return undefined;
  }
}

function write(path: string, page: Page, results: readonly LineResult[]): void {
  mkdirSync(dirname(path), { recursive: true });
  const at = {
    commit: commitNow(),
    date: new Date().toISOString().slice(0, 10),
    machine: machineNow(),
  };
  writeFileSync(path, markdown(page, results, at));
}
