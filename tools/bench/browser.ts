/**
 * The page in a real Chromium: previews while a slider moves, the main thread during a run, time to interactive, a
 * sample's measured frontier.
 * `npm run bench -- browser`, or `npx tsx tools/bench/browser.ts`. Builds the page into a temporary folder and
 * serves it. Options: `--changes N` (slider changes answered per drag, default 200), `--loads N` (default 7),
 * `--only preview,run,start,sample`.
 */
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium, type Browser, type Page } from '@playwright/test';
import { build, preview } from 'vite';
import { writeModel } from '../../src/core/onnx/write.ts';
import { CHROMIUM_FLAGS, ensureChromium } from '../chromium.ts';
import {
  clickUntil,
  countFrames,
  dragSlider,
  timeToInteractive,
  watchMainThread,
} from './in-page.ts';
import { median, printMeasured, quantile } from './line.ts';
import { singleProduct } from './models.ts';
import { processorTimes } from './trace.ts';

const { values: options } = parseArgs({
  options: {
    changes: { type: 'string', default: '200' },
    loads: { type: 'string', default: '7' },
    only: { type: 'string', default: 'preview,run,start,sample' },
  },
});

const WIDTH = 2048;
const RUN_MS = 600_000;
const BLANK =
  '<!doctype html><html lang="en"><title>Blank</title><main><button>Blank</button></main>';

interface Site {
  readonly browser: Browser;
  readonly url: string;
  readonly folder: string;
}

/** A drag over the bits with the default blocks, and one over everything a slider or switch can change. */
const DRAGS: Record<string, readonly Readonly<Record<string, unknown>>[]> = {
  'bits 8…2, block 32': [8, 4, 3, 2].map((bits) => ({ bits })),
  'bits, block size, symmetry': [16, 32, 64, 128, 256, 'channel', 'tensor'].flatMap((blockSize) =>
    [8, 4, 3, 2].flatMap((bits) =>
      [true, false].map((symmetric) => ({ bits, blockSize, symmetric })),
    ),
  ),
};

/** A page in a browser profile of its own: nothing is cached. */
async function openPage(browser: Browser, url: string): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  // tsx names functions through this helper, also inside of what is sent into the page.
  await page.addInitScript({ content: 'globalThis.__name = (named) => named;' });
  await page.addInitScript(watchMainThread);
  await page.goto(url);
  return page;
}

async function benchPreview({ browser, url, folder }: Site): Promise<void> {
  await writeFile(join(folder, 'product.onnx'), await writeModel(singleProduct(WIDTH)));
  const assets = await readdir(join(folder, 'assets'));
  const worker = assets.find((name) => /^preview\.worker-.*\.js$/.test(name));
  if (worker === undefined) throw new Error('The build holds no preview worker.');
  const page = await openPage(browser, `${url}blank.html`);
  const drag = {
    worker: `${url}assets/${worker}`,
    model: `${url}product.onnx`,
    layer: 'weight',
    answers: Number(options.changes),
  };
  for (const [name, settings] of Object.entries(DRAGS)) {
    const { trips, inside, overtaken, lastWins } = await page.evaluate(dragSlider, {
      ...drag,
      settings,
    });
    if (!lastWins) throw new Error('The last answer of the drag is not the newest value.');
    const [p50, worked] = [median(trips), median(inside)].map((ms) => ms.toFixed(1));
    const what = `preview ${WIDTH}², ${name}`;
    const goal = { relation: '≤', limit: 16.7 } as const;
    printMeasured({
      what: `${what}: round trip p95, ms`,
      value: quantile(trips, 0.95),
      goal,
      note: `p50 ${p50} ms, in the worker p50 ${worked} ms, n = ${trips.length}, ${overtaken} overtaken, newest wins`,
    });
    const times = await processorTimes(browser, page, 'DedicatedWorker thread', async () => {
      await page.evaluate(dragSlider, { ...drag, settings });
    });
    // The longest tasks open the model and warm up; what listens for messages takes no time.
    const previews = times.filter((ms) => ms > 2).slice(-trips.length);
    printMeasured({
      what: `${what}: processor time p95, ms`,
      value: quantile(previews, 0.95),
      goal,
      note: `p50 ${median(previews).toFixed(1)} ms, n = ${previews.length}, a drag of its own`,
    });
  }
  await page.context().close();
}

async function benchRun({ browser, url }: Site): Promise<void> {
  const page = await openPage(browser, url);
  await page.getByRole('button', { name: 'Open sample Stories' }).click();
  const button = page.getByRole('button', { name: /^Run / });
  await button.and(page.locator(':enabled')).waitFor({ timeout: 60_000 });
  await page.getByRole('region', { name: 'Forecast' }).waitFor({ timeout: 60_000 });
  await page.waitForTimeout(1000);
  const idle = await page.evaluate(countFrames, 3000);
  const running = { gaps: [] as number[], tasks: [] as number[] };
  const start = Date.now();
  const processor = await processorTimes(browser, page, 'CrRendererMain', async () => {
    await button.click();
    const bar = page.getByRole('progressbar', { name: 'Run' });
    await bar.waitFor();
    while (Date.now() - start < RUN_MS && (await bar.count()) > 0) {
      const seen = await page.evaluate(countFrames, 500);
      running.gaps.push(...seen.gaps);
      running.tasks.push(...seen.tasks);
    }
  });
  const seconds = ((Date.now() - start) / 1000).toFixed(1);
  const verified = await page.getByRole('region', { name: 'Measured' }).count();
  if (verified === 0) throw new Error('The run ended without a measured result.');
  await page.context().close();
  const longest = running.tasks.length > 0 ? Math.max(...running.tasks) : 0;
  printMeasured({
    what: 'longest main-thread task during a run, ms (0: none of 50 ms)',
    value: longest,
    goal: { relation: '≤', limit: 50 },
    note: `${running.tasks.length} long tasks in ${seconds} s, longest frame gap ${Math.max(...running.gaps).toFixed(0)} ms`,
  });
  printMeasured({
    what: 'the same in processor time, ms',
    value: Math.max(...processor),
    goal: { relation: '≤', limit: 50 },
    note: `n = ${processor.length} tasks`,
  });
  const [before, during] = [idle, running].map(({ gaps }) => quantile(gaps, 0.95));
  printMeasured({
    what: 'frame gap p95 during a run / idle',
    value: during / before,
    goal: { relation: '≤', limit: 2 },
    note: `${during.toFixed(1)} / ${before.toFixed(1)} ms, n = ${running.gaps.length} / ${idle.gaps.length}`,
  });
}

async function load(browser: Browser, url: string): Promise<number> {
  const page = await openPage(browser, url);
  const time = await page.evaluate(timeToInteractive, 'main button:not([disabled])');
  await page.context().close();
  return time;
}

async function benchStart({ browser, url }: Site): Promise<void> {
  const times: { page: number[]; blank: number[] } = { page: [], blank: [] };
  for (let i = -1; i < Number(options.loads); i++) {
    const pair = { page: await load(browser, url), blank: await load(browser, `${url}blank.html`) };
    if (i < 0) continue;
    times.page.push(pair.page);
    times.blank.push(pair.blank);
  }
  const [page, blank] = [median(times.page), median(times.blank)];
  const note = `${page.toFixed(0)} / ${blank.toFixed(0)} ms, n = ${times.page.length}`;
  printMeasured({
    what: 'time to interactive, Start / blank page',
    value: page / blank,
    goal: { relation: '≤', limit: 3 },
    note,
  });
  printMeasured({
    what: 'time to interactive of Start, s',
    value: page / 1000,
    goal: { relation: '≤', limit: 1 },
    note,
  });
}

/** From the click on a sample's card until the chart shows a trial that ships with it. */
async function firstFrontier(browser: Browser, url: string, title: string): Promise<number> {
  const page = await openPage(browser, url);
  const card = page.getByRole('button', { name: `Open sample ${title}` });
  await card.waitFor();
  // What the page still does for itself is no part of the click.
  await page.waitForTimeout(3000);
  const time = await page.evaluate(clickUntil, {
    click: `[aria-label^="Open sample ${title}"]`,
    until: '[role="tabpanel"] svg text',
    says: 'small-and-safe',
  });
  await page.context().close();
  return time;
}

async function benchSample({ browser, url }: Site): Promise<void> {
  const times: number[] = [];
  for (let i = 0; i < Number(options.loads); i++)
    times.push(await firstFrontier(browser, url, 'Stories'));
  printMeasured({
    what: 'click on a sample → measured frontier, s',
    value: median(times) / 1000,
    goal: { relation: '≤', limit: 2 },
    note: `Stories, ${Math.min(...times).toFixed(0)}–${Math.max(...times).toFixed(0)} ms, n = ${times.length}`,
  });
}

const BENCHES: Record<string, (site: Site) => Promise<void>> = {
  preview: benchPreview,
  run: benchRun,
  start: benchStart,
  sample: benchSample,
};

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'lathe-bench-'));
  await build({ logLevel: 'warn', build: { outDir: folder, emptyOutDir: true } });
  await writeFile(join(folder, 'blank.html'), BLANK);
  const server = await preview({ build: { outDir: folder }, preview: { port: 4191 } });
  const browser = await chromium.launch({ executablePath: ensureChromium(), args: CHROMIUM_FLAGS });
  try {
    const url = server.resolvedUrls?.local[0] ?? 'http://localhost:4191/';
    for (const name of options.only.split(',')) await BENCHES[name]({ browser, url, folder });
  } finally {
    await browser.close();
    await server.close();
    await rm(folder, { recursive: true, force: true });
  }
}

await main();
