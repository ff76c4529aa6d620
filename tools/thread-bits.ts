/**
 * Proof that no byte depends on the number of threads: runs every pinned recipe that looks at data, on the shipped
 * samples and the layout fixtures, with 1, 2 and 4 WASM threads (a process each, which fixes their number) and
 * compares the hashes of the written files: `npx tsx tools/thread-bits.ts`. `--threads 1,2` chooses, `--only TEXT`
 * takes part of the pins.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values: options } = parseArgs({
  options: { threads: { type: 'string', default: '1,2,4' }, only: { type: 'string' } },
});
const TOOL = fileURLToPath(new URL('pin-hashes.ts', import.meta.url));

/** Hashes by "model recipe", as JSON text. */
type Hashes = ReadonlyMap<string, string>;

function hashesWith(threads: number, folder: string): Hashes {
  const out = join(folder, `${threads}.json`);
  const given = ['--calibrated', '--threads', `${threads}`, '--out', out];
  const only = options.only === undefined ? [] : ['--only', options.only];
  const { status } = spawnSync(process.execPath, ['--import', 'tsx', TOOL, ...given, ...only], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new Error(`The recipes failed with ${threads} threads.`);
  const found = JSON.parse(readFileSync(out, 'utf8')) as Record<string, unknown>;
  return new Map(Object.entries(found).map(([name, hash]) => [name, JSON.stringify(hash)]));
}

function main(): void {
  const [first, ...others] = options.threads.split(',').map(Number);
  const folder = mkdtempSync(join(tmpdir(), 'lathe-threads-'));
  try {
    const wanted = hashesWith(first, folder);
    const refused = [...wanted.values()].filter((hash) => hash.startsWith('"')).length;
    console.log(`${wanted.size} recipes with ${first} thread, ${refused} of them refused`);
    for (const threads of others) {
      const found = hashesWith(threads, folder);
      const differ = [...wanted].filter(([name, hash]) => found.get(name) !== hash);
      for (const [name] of differ) console.log(`  differs: ${name}`);
      console.log(
        `${threads} threads: ${wanted.size - differ.length} equal, ${differ.length} differ`,
      );
      if (differ.length > 0) process.exitCode = 1;
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

main();
