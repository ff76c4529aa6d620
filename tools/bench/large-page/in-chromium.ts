/**
 * A large model compressed in a real Chromium, read from and written to the origin-private file system:
 * `npx tsx tools/bench/large-page/in-chromium.ts FOLDER [PRESET]`. Prints the largest resident memory of any one
 * process of the browser while it worked, its threads included. The processes' memory is Linux's.
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import { createServer } from 'vite';
import { CHROMIUM_FLAGS, ensureChromium } from '../../chromium.ts';
import { printMeasured } from '../line.ts';

const [folder, preset = 'q4'] = process.argv.slice(2);

const HEADERS = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** Peak resident kilobytes of every process that descends from this one, by what it is. */
async function peaks(): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  const parents = new Map<number, number>();
  const processes = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const read = (id: string, file: string) =>
    readFile(`/proc/${id}/${file}`, 'utf8').catch(() => '');
  const facts = await Promise.all(
    processes.map(async (id) => ({
      id: Number(id),
      status: await read(id, 'status'),
      command: await read(id, 'cmdline'),
    })),
  );
  for (const { id, status } of facts) parents.set(id, numberIn(status, /^PPid:\s+(\d+)/m));
  const mine = (id: number): boolean =>
    id === process.pid || (id > 1 && mine(parents.get(id) ?? 0));
  for (const { id, status, command } of facts) {
    const type = /--type=([\w-]+)/.exec(command)?.[1];
    if (type === undefined || !mine(id)) continue;
    const peak = numberIn(status, /^VmHWM:\s+(\d+) kB/m);
    found.set(type, Math.max(peak, found.get(type) ?? 0));
  }
  return found;
}

function numberIn(text: string, pattern: RegExp): number {
  return Number(pattern.exec(text)?.[1] ?? 0);
}

interface Done {
  readonly sha256: string;
  readonly openSeconds: number;
  readonly runSeconds: number;
  readonly output?: string;
  readonly notMeasured?: string;
  readonly bytes: number;
}

async function main(): Promise<void> {
  const server = await createServer({
    ...{ configFile: false, logLevel: 'error' },
    // A source that changes meanwhile must not reload the page under the run.
    server: { port: 0, headers: HEADERS, hmr: false, watch: null },
    optimizeDeps: { include: ['onnxruntime-web/webgpu', 'onnxruntime-web/wasm', 'zod', 'comlink'] },
  });
  await server.listen();
  // A profile of its own on disk: without one, the private file system may hold a few hundred MB only.
  const profile = await mkdtemp(join(tmpdir(), 'lathe-bench-'));
  const started = { executablePath: ensureChromium(), args: CHROMIUM_FLAGS };
  const browser = await chromium.launchPersistentContext(profile, started);
  try {
    const page = await browser.newPage();
    // A large model takes its time.
    page.setDefaultTimeout(0);
    await page.goto(`${server.resolvedUrls?.local[0] ?? ''}tools/bench/large-page/page.html`);
    await page.waitForFunction('"compress" in globalThis', undefined, { timeout: 120_000 });
    const files = (await readdir(folder, { withFileTypes: true }))
      .filter((entry) => entry.isFile() && /\.onnx|\.json$/.test(entry.name))
      .map(({ name }) => join(folder, name));
    await page.setInputFiles('input', files);
    const done = await page.evaluate<Done>(`compress(${JSON.stringify(preset)})`);
    console.log(JSON.stringify(done));
    for (const [type, kilobytes] of await peaks()) {
      printMeasured({
        what: `${preset} in Chromium from the private file system, ${type}: MB resident`,
        value: kilobytes / 1024,
        goal: { relation: '≤', limit: 2000 },
        note: `opened in ${done.openSeconds.toFixed(0)} s, run in ${done.runSeconds.toFixed(0)} s`,
      });
    }
  } finally {
    await browser.close();
    await server.close();
    await rm(profile, { recursive: true, force: true });
  }
}

await main();
