/**
 * The chart of the frontier with 200 trials in a real Chromium: the longest task of the main thread, in processor time,
 * while its tab is opened, points are pointed at, it is zoomed, and its axes are switched.
 * `npm run bench -- chart`, or `npx tsx tools/bench/chart.ts`. Option: `--trials N` (default 200).
 */
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium, type Browser, type Page } from '@playwright/test';
import { build, preview } from 'vite';
import type { Trial } from '../../src/engine/trials/types.ts';
import { many } from '../../src/studio/testing/frontier-trials.ts';
import { CHROMIUM_FLAGS, ensureChromium } from '../chromium.ts';
import { printMeasured } from './line.ts';
import { processorTimes } from './trace.ts';

const { values: options } = parseArgs({ options: { trials: { type: 'string', default: '200' } } });
const SAMPLE = 'public/samples/stories/model.onnx';
const POINTED_AT = 40;

/** Made-up trials of the sample, with a recipe that the page can read. */
async function trialsOfSample(): Promise<Trial[]> {
  const sha256 = createHash('sha256')
    .update(await readFile(SAMPLE))
    .digest('hex');
  return many(Number(options.trials), sha256).map((trial, seed) => {
    const steps = [{ method: 'round-to-nearest', target: 'all' as const, options: { bits: 4 } }];
    const recipe = { version: 1 as const, seed, steps };
    // Newer than what ships with the sample: the chart is drawn of the data that was measured last.
    const createdAt = Date.now() + seed;
    return { ...trial, createdAt, recipe, report: trial.report && { ...trial.report, recipe } };
  });
}

/** Runs in the page: puts trials where the engine keeps them. */
async function keep(files: readonly { id: string; json: string }[]): Promise<void> {
  const root = await navigator.storage.getDirectory();
  const lathe = await root.getDirectoryHandle('lathe', { create: true });
  const trials = await lathe.getDirectoryHandle('trials', { create: true });
  for (const { id, json } of files) {
    const folder = await trials.getDirectoryHandle(id, { create: true });
    const file = await folder.getFileHandle('trial.json', { create: true });
    const writable = await file.createWritable();
    await writable.write(json);
    await writable.close();
  }
}

async function openChart(browser: Browser, url: string): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  // tsx names functions through this helper, also inside of what is sent into the page.
  await page.addInitScript({ content: 'globalThis.__name = (named) => named;' });
  const trials = await trialsOfSample();
  await page.goto(`${url}samples/index.json`);
  await page.evaluate(
    keep,
    trials.map((trial) => ({ id: trial.id, json: JSON.stringify(trial) })),
  );
  await page.goto(url);
  await page.getByRole('button', { name: 'Open sample Stories' }).click();
  await page.getByRole('tab', { name: 'Frontier' }).click({ timeout: 60_000 });
  await points(page).first().waitFor({ timeout: 60_000 });
  // What opening a model still does must not be counted.
  await page.waitForTimeout(3000);
  return page;
}

const points = (page: Page) => page.getByRole('figure').locator('[data-point]');
const settle = (page: Page): Promise<void> => page.waitForTimeout(150);

async function openTab(page: Page): Promise<void> {
  for (let i = 0; i < 3; i++) {
    await page.getByRole('tab', { name: 'Layers' }).click();
    await settle(page);
    await page.getByRole('tab', { name: 'Frontier' }).click();
    await points(page).first().waitFor();
    await settle(page);
  }
}

async function pointAt(page: Page): Promise<void> {
  const boxes = await points(page).evaluateAll((marks) =>
    marks.map((mark) => mark.getBoundingClientRect()).map(({ x, y }) => [x + 12, y + 12] as const),
  );
  for (const [x, y] of boxes.slice(0, POINTED_AT)) {
    await page.mouse.move(x, y);
    await page.waitForTimeout(30);
  }
}

async function zoom(page: Page): Promise<void> {
  const box = await page.getByRole('figure').boundingBox();
  if (box === null) throw new Error('The chart has no box.');
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.keyboard.down('Control');
  for (const turn of [-120, -120, -120, -120, 120, 120, 120, 120]) {
    await page.mouse.wheel(0, turn);
    await page.waitForTimeout(50);
  }
  await page.keyboard.up('Control');
  for (const name of ['Zoom in', 'Zoom out', 'Fit frontier', 'Show all', 'Show all']) {
    await page.getByRole('button', { name, exact: true }).click();
    await settle(page);
  }
}

async function switchAxes(page: Page): Promise<void> {
  for (const name of ['Value', 'Time', 'Change', 'Size', 'KL divergence', 'Perplexity']) {
    await page.getByRole('tabpanel').getByText(name, { exact: true }).first().click();
    await settle(page);
  }
}

const WORK: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  'opening the tab': openTab,
  'pointing at points': pointAt,
  zooming: zoom,
  'switching the axes': switchAxes,
};

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'lathe-bench-'));
  await build({ logLevel: 'warn', build: { outDir: folder, emptyOutDir: true } });
  const server = await preview({ build: { outDir: folder }, preview: { port: 4192 } });
  const browser = await chromium.launch({ executablePath: ensureChromium(), args: CHROMIUM_FLAGS });
  try {
    const page = await openChart(
      browser,
      server.resolvedUrls?.local[0] ?? 'http://localhost:4192/',
    );
    const drawn = await points(page).count();
    if (drawn < Number(options.trials)) throw new Error(`Only ${drawn} points were drawn.`);
    for (const [what, work] of Object.entries(WORK)) {
      const times = await processorTimes(browser, page, 'CrRendererMain', () => work(page));
      printMeasured({
        what: `chart of ${options.trials} trials, ${what}: longest task, ms`,
        value: Math.max(...times),
        goal: { relation: '≤', limit: 50 },
        note: `processor time, n = ${times.length} tasks, ${drawn} points drawn`,
      });
    }
  } finally {
    await browser.close();
    await server.close();
    await rm(folder, { recursive: true, force: true });
  }
}

await main();
