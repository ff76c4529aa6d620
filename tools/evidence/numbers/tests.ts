import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { passesOver } from './passing.ts';
import type { Check } from './types.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

const outcome = z.object({ numPassedTests: z.number(), numFailedTests: z.number() });

/** Unit tests by file, as a check: all pass, and there are some. */
export async function testsPass(
  what: string,
  files: readonly string[],
  name?: string,
): Promise<Check> {
  if (passesOver()) return { what, found: '', holds: true };
  if (files.length === 0) return { what, found: 'there is no test of it', holds: false };
  const words = ['vitest', 'run', '--project', 'unit', '--reporter=json', ...files];
  const { stdout } = await npx([...words, ...(name === undefined ? [] : ['-t', name])]);
  const found = outcome.safeParse(lastJson(stdout));
  if (!found.success) return { what, found: 'the tests did not end', holds: false };
  const { numPassedTests: passed, numFailedTests: failed } = found.data;
  return { what, found: `${passed} pass, ${failed} fail`, holds: passed > 0 && failed === 0 };
}

function lastJson(text: string): unknown {
  try {
    return JSON.parse(text.slice(text.indexOf('{"')));
  } catch {
    return undefined;
  }
}

function npx(words: readonly string[]): Promise<{ readonly stdout: string }> {
  return new Promise((resolve) => {
    const child = spawn('npx', [...words], { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
    let stdout = '';
    child.stdout.on('data', (text: Buffer) => (stdout += text.toString()));
    child.on('close', () => resolve({ stdout }));
  });
}

/** Test files at or under these paths whose text matches. */
export function testFiles(paths: readonly string[], matches: RegExp = /./): readonly string[] {
  const all = paths.flatMap((path) => walk(join(ROOT, path)));
  return all
    .filter((path) => path.endsWith('.test.ts') && matches.test(readFileSync(path, 'utf8')))
    .map((path) => path.slice(ROOT.length));
}

/** The files of a folder and those below it; a file is itself, and what is not there is nothing. */
function walk(path: string): readonly string[] {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return [];
  if (!found.isDirectory()) return [path];
  return readdirSync(path).flatMap((name) => walk(join(path, name)));
}
