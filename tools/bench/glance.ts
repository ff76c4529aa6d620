/**
 * From choosing a model file of 500 MB to the map of its bytes on the page, in a real Chromium; and, of the same file,
 * to the open Studio. `npm run bench -- glance`, or `npx tsx tools/bench/glance.ts`. The model is made up and written
 * to a temporary folder. Options: `--opens N` (default 5), `--wait MS` (between the click on "Open file" and the
 * choice, which takes a person longer; default 1000).
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium, type Browser } from '@playwright/test';
import { build, preview } from 'vite';
import { CHROMIUM_FLAGS, ensureChromium } from '../chromium.ts';
import { writeLargeModel } from './large-model.ts';
import { median, printMeasured } from './line.ts';
import { processorTimes } from './trace.ts';

const { values: options } = parseArgs({
  options: {
    opens: { type: 'string', default: '5' },
    wait: { type: 'string', default: '1000' },
  },
});

/** Milliseconds after the file was chosen, by the clock of the page. */
interface Times {
  readonly map: number;
  readonly open: number;
}

interface Marks {
  chosen?: number;
  map?: number;
  open?: number;
}

/** Notes in the page when the map has been painted, and when the Studio is there. */
function noteTimes(): void {
  const marks: Marks = {};
  Object.assign(window, { marks });
  // The fallback of the file dialog is an input, which a test can fill.
  Reflect.deleteProperty(window, 'showOpenFilePicker');
  const look = (): void => {
    const painted = performance.now();
    if (document.querySelector('[data-part]') !== null) marks.map ??= painted;
    if (document.querySelector('[role=tab]') !== null) marks.open ??= painted;
  };
  const everyFrame = (): void => {
    look();
    requestAnimationFrame(everyFrame);
  };
  requestAnimationFrame(everyFrame);
}

/** A page on which "Open file" was clicked, and how to choose one. */
async function choosing(browser: Browser, url: string) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  // tsx names functions through this helper, also inside of what is sent into the page.
  await page.addInitScript({ content: 'globalThis.__name = (named) => named;' });
  await page.addInitScript(noteTimes);
  await page.goto(url);
  const dialog = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Open file…' }).click();
  const chooser = await dialog;
  await page.waitForTimeout(Number(options.wait));
  const choose = async (file: string): Promise<void> => {
    await page.evaluate(() => {
      (window as unknown as { marks: Marks }).marks.chosen = performance.now();
    });
    await chooser.setFiles(file);
  };
  return { page, choose };
}

async function openOnce(browser: Browser, url: string, file: string): Promise<Times> {
  const { page, choose } = await choosing(browser, url);
  await choose(file);
  await page.getByRole('tab').first().waitFor({ timeout: 300_000 });
  const marks = await page.evaluate(() => (window as unknown as { marks: Marks }).marks);
  await page.context().close();
  const { chosen = NaN, map = NaN, open = NaN } = marks;
  return { map: map - chosen, open: open - chosen };
}

/** Processor time of all threads of one name until the map is there: the clock counts other processes, too. */
async function processorUntilMap(browser: Browser, url: string, file: string, thread: string) {
  const { page, choose } = await choosing(browser, url);
  const tasks = await processorTimes(browser, page, thread, async () => {
    await choose(file);
    await page.locator('[data-part]').first().waitFor({ timeout: 60_000 });
  });
  await page.context().close();
  return tasks.reduce((sum, ms) => sum + ms, 0);
}

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'lathe-bench-'));
  const outDir = join(folder, 'page');
  await build({ logLevel: 'warn', build: { outDir, emptyOutDir: true } });
  const file = await writeLargeModel('small', join(folder, 'model'));
  const server = await preview({ build: { outDir }, preview: { port: 4192 } });
  const browser = await chromium.launch({ executablePath: ensureChromium(), args: CHROMIUM_FLAGS });
  try {
    const url = server.resolvedUrls?.local[0] ?? 'http://localhost:4192/';
    const times: Times[] = [];
    for (let i = 0; i < Number(options.opens); i++) times.push(await openOnce(browser, url, file));
    const [map, open] = [times.map((t) => t.map), times.map((t) => t.open)];
    const each = map.map((ms) => ms.toFixed(0)).join(', ');
    printMeasured({
      what: '498 MB file chosen → map of its bytes, ms',
      value: median(map),
      goal: { relation: '≤', limit: 300 },
      note: `${each}; the Studio open after ${(median(open) / 1000).toFixed(1)} s, n = ${map.length}`,
    });
    const [main, worker] = [
      await processorUntilMap(browser, url, file, 'CrRendererMain'),
      await processorUntilMap(browser, url, file, 'DedicatedWorker thread'),
    ];
    printMeasured({
      what: 'the same in processor time, page and worker, ms',
      value: main + worker,
      goal: { relation: '≤', limit: 300 },
      note: `${main.toFixed(0)} + ${worker.toFixed(0)} ms, traced`,
    });
  } finally {
    await browser.close();
    await server.close();
    await rm(folder, { recursive: true, force: true });
  }
}

await main();
