/**
 * WebGPU beside WebAssembly in one page, job by job: `npm run bench -- webgpu`, or `npx tsx tools/bench/webgpu.ts`.
 * Prints the adapter. On a graphics card, times and results; where there is only a software adapter nothing is
 * timed, and a small model shows that the two agree. Options: `--runs N` (default 5), `--only capture,…`.
 */
import { chromium, type Page } from '@playwright/test';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { CHROMIUM_FLAGS, ensureChromium, GPU_FLAGS } from '../chromium.ts';
import { pageServer } from '../page-server.ts';
import { median, printMeasured } from './line.ts';
import type { Scale } from './webgpu-page/jobs.ts';

const { values: options } = parseArgs({
  options: { runs: { type: 'string', default: '5' }, only: { type: 'string' } },
});

const HARDWARE: Scale = { width: 768, blocks: 6, vocabulary: 32000, tokens: 256, product: 2048 };
const SOFTWARE: Scale = { width: 64, blocks: 1, vocabulary: 96, tokens: 24, product: 128 };

const Adapter = z.object({
  available: z.boolean(),
  adapter: z.string().optional(),
  software: z.boolean().optional(),
  float16: z.boolean().optional(),
  reason: z.string().optional(),
});
const pair = <T extends z.ZodType>(each: T) => z.object({ wasm: each, webgpu: each });
const Compared = z.object({
  results: pair(z.number()),
  times: pair(z.array(z.number())),
  threads: z.number(),
});

/**
 * Sums of K products in another order: 2·K·2⁻²⁴ each, some 12 of them one after another in a block, K at most
 * the feed-forward width. What grows with the number of blocks is left to them.
 */
function tolerance({ width, blocks, product }: Scale): number {
  return (12 * blocks * Math.max(3 * width, product) * 2) / 2 ** 24;
}

interface Opened {
  readonly page: Page;
  readonly adapter: z.infer<typeof Adapter>;
  readonly close: () => Promise<void>;
}

async function openPage(url: string, flags: readonly string[]): Promise<Opened> {
  const browser = await chromium.launch({ executablePath: ensureChromium(), args: [...flags] });
  const page = await browser.newPage();
  await page.goto(`${url}tools/bench/webgpu-page/page.html`);
  await page.waitForFunction('"compare" in globalThis', undefined, { timeout: 120_000 });
  const adapter = Adapter.parse(await page.evaluate('globalThis.adapter()'));
  return { page, adapter, close: () => browser.close() };
}

/** A graphics card where there is one, else the software adapter of the tests. */
async function openBest(url: string): Promise<Opened> {
  const hardware = await openPage(url, GPU_FLAGS);
  if (hardware.adapter.available && hardware.adapter.software !== true) return hardware;
  await hardware.close();
  return openPage(url, CHROMIUM_FLAGS);
}

async function compare(page: Page, name: string, scale: Scale, runs: number) {
  const given = [name, scale, runs].map((value) => JSON.stringify(value)).join(', ');
  return Compared.parse(await page.evaluate(`globalThis.compare(${given})`));
}

async function bench({ page, adapter }: Opened): Promise<void> {
  const software = adapter.software === true;
  const [scale, runs] = software ? [SOFTWARE, 0] : [HARDWARE, Number(options.runs)];
  const half = adapter.float16 === true ? 'with' : 'without';
  console.log(`adapter: ${adapter.adapter ?? 'unnamed'}, ${half} float16 shaders`);
  if (software)
    console.log('Only a software adapter is here: nothing is timed, the results are compared.');
  const all = z.array(z.string()).parse(await page.evaluate('globalThis.jobs'));
  for (const name of options.only?.split(',') ?? all) {
    const { results, times, threads } = await compare(page, name, scale, runs);
    const off = Math.abs(results.webgpu / results.wasm - 1);
    printMeasured({
      what: `WebGPU ${name}: off from WebAssembly, in rounding errors it may have`,
      value: off / tolerance(scale),
      goal: { relation: '≤', limit: 1 },
      note: `${results.webgpu.toPrecision(8)} / ${results.wasm.toPrecision(8)}`,
    });
    if (software) continue;
    const [fast, slow] = [median(times.webgpu), median(times.wasm)];
    printMeasured({
      what: `WebGPU ${name}: time / WebAssembly`,
      value: fast / slow,
      goal: { relation: '≤', limit: 1 },
      note: `${fast.toFixed(1)} / ${slow.toFixed(1)} ms, ${threads} threads, n = ${runs}`,
    });
  }
}

async function main(): Promise<void> {
  const server = await pageServer();
  const opened = await openBest(server.resolvedUrls?.local[0] ?? '');
  try {
    if (opened.adapter.available) await bench(opened);
    else console.log(`No WebGPU: ${opened.adapter.reason ?? 'no reason was given'}`);
  } finally {
    await opened.close();
    await server.close();
  }
}

await main();
