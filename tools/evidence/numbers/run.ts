import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Lab } from './lab.ts';
import { markdown } from './markdown.ts';
import type { Check, Line, LineResult, Page } from './types.ts';

export interface NumbersOptions {
  /** Numbers of lines, with commas; all without it. */
  readonly only?: string;
  /** Where finished runs are kept. */
  readonly scratch?: string;
  readonly out?: string;
  readonly threads?: string;
}

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** Every line that was asked for; how many checks fail. A page of all lines keeps what other sittings found. */
export async function evidenceOf(page: Page, options: NumbersOptions): Promise<number> {
  const scratch = options.scratch ?? join(ROOT, 'out/evidence', page.name);
  const path = options.out ?? join(ROOT, 'docs/evidence', `${page.name}.md`);
  mkdirSync(scratch, { recursive: true });
  const lab = new Lab(scratch, Number(options.threads ?? availableParallelism()));
  const chosen = options.only?.split(',').map(Number);
  const results: LineResult[] = [];
  for (const line of page.lines) {
    const wanted = chosen === undefined || chosen.includes(line.number);
    const result = wanted ? await runLine(lab, line) : keptResult(scratch, line);
    if (result === undefined) continue;
    results.push(result);
    keep(scratch, result);
    write(path, page, results);
  }
  return results.flatMap(({ checks }) => checks).filter(({ holds }) => !holds).length;
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
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  const machine = `${availableParallelism()} threads of ${cpus()[0]?.model ?? 'a processor'}`;
  const at = { commit: commit.trim(), date: new Date().toISOString().slice(0, 10), machine };
  writeFileSync(path, markdown(page, results, at));
}
