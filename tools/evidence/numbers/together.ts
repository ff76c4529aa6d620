import { spawn } from 'node:child_process';
import { cpSync, existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Lab } from './lab.ts';
import { checksOf, keptFound, placeName, type Place } from './one-check.ts';
import type { Check, Line, LineResult, Page } from './types.ts';

interface Turn extends Place {
  readonly what: string;
}

interface Together {
  readonly page: Page;
  readonly lines: readonly Line[];
  readonly scratch: string;
  readonly root: string;
  readonly processes: number;
}

/** The largest sample takes longest, and what takes longest begins first. */
const LARGEST = 'prose';

/** Every check in a process of its own, so many at once; those that were made before are kept. */
export async function runTogether(lab: Lab, together: Together): Promise<readonly LineResult[]> {
  const { lines, processes } = together;
  const turns: Turn[] = [];
  for (const line of lines) {
    const checks = await checksOf(lab, line);
    turns.push(...checks.map((what, at) => ({ line: line.number, at, what })));
  }
  const large = ({ what }: Turn): boolean => what.includes(LARGEST);
  const queue = [...turns.filter(large), ...turns.filter((turn) => !large(turn))];
  const work = async (): Promise<void> => {
    for (let turn = queue.shift(); turn !== undefined; turn = queue.shift())
      await runAlone(together, turn);
  };
  await Promise.all(Array.from({ length: processes }, work));
  return lines.map((line) => gathered(together, line, turns));
}

/** What fails leaves no result, and is said where results are gathered. */
async function runAlone({ page, scratch, root, processes }: Together, turn: Turn): Promise<void> {
  if (keptFound(scratch, turn) !== undefined) return;
  // A check goes on where it was broken off; two processes never write to one folder.
  const own = join(scratch, `check-${placeName(turn)}`);
  const data = join(scratch, 'data');
  if (existsSync(data)) cpSync(data, join(own, 'data'), { recursive: true });
  const threads = Math.max(1, Math.floor(availableParallelism() / processes));
  const words = [
    ...['--import', 'tsx', 'tools/evidence.ts', page.name, '--check', placeName(turn)],
    ...['--scratch', own, '--out', scratch, '--threads', String(threads)],
  ];
  await new Promise<void>((resolve) => {
    const child = spawn(process.execPath, words, { cwd: root, stdio: ['ignore', 2, 2] });
    child.on('close', () => resolve());
  });
}

function gathered({ scratch }: Together, line: Line, turns: readonly Turn[]): LineResult {
  const own = turns.filter((turn) => turn.line === line.number);
  const found = own.map((turn) => keptFound(scratch, turn));
  const lost = (what: string): Check => ({ what, found: 'its process did not end', holds: false });
  return {
    line,
    checks: own.map(({ what }, at) => found[at]?.check ?? lost(what)),
    recipes: [...new Set(found.flatMap((one) => one?.recipes ?? []))],
    where: [...new Set(found.flatMap((one) => one?.where ?? []))],
    minutes: found.reduce((sum, one) => sum + (one?.seconds ?? 0), 0) / 60,
  };
}
