import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const LATHE = fileURLToPath(new URL('../../../bin/lathe.mjs', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  /** The last line that went to stderr: the sentence, where it failed. */
  readonly sentence: string;
}

/** One command as a user gives it. */
export function lathe(...argv: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, [LATHE, ...argv], { stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((resolve) => {
    child.on('close', (code) => {
      const lines = stderr.split(/[\r\n]+/).filter((line) => line.trim() !== '');
      resolve({ code, stdout, sentence: lines.at(-1) ?? '' });
    });
  });
}
