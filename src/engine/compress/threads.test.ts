import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const child = fileURLToPath(new URL('../../../test/support/threads-child.ts', import.meta.url));

/** SHA-256 of the file that GPTQ makes of one block, in a process with so many threads. */
async function hashWith(threads: number): Promise<string> {
  const given = ['--import', 'tsx', child, `${threads}`];
  const { stdout } = await promisify(execFile)(process.execPath, given);
  return stdout.trim();
}

/** `npx tsx tools/thread-bits.ts` compares all pinned recipes on all samples and layouts. */
it('GPTQ writes the same file with one thread and with two', async () => {
  const [one, two] = await Promise.all([1, 2].map(hashWith));
  expect(one).toMatch(/^[0-9a-f]{64}$/);
  expect(two).toBe(one);
}, 180_000);
