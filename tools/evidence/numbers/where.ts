import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus } from 'node:os';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** The code that runs, as a commit. */
export function commitNow(): string {
  const words = ['rev-parse', '--short', 'HEAD'];
  return execFileSync('git', words, { cwd: ROOT, encoding: 'utf8' }).trim();
}

/** "16 threads of Intel(R) Xeon(R)" */
export function machineNow(): string {
  return `${availableParallelism()} threads of ${cpus()[0]?.model ?? 'a processor'}`;
}
