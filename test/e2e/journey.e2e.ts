/** The whole way once, as a user walks it (issue: "Done when" 3 and 5). */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, type Locator, type Page } from '@playwright/test';
import { keptLosses, pairedByHand } from './paired-by-hand.ts';
import {
  download,
  drop,
  exactBytes,
  fewStories,
  forecastCard,
  openSample,
  pixels,
  run,
  runButton,
  RUN_MS,
  sha256,
  showTab,
  takePreset,
  trialCard,
  watch,
  type Watched,
} from './support.ts';

test.describe.configure({ mode: 'serial' });

const LONG = { timeout: 60_000 };

let page: Page;
let watched: Watched;
let exported: { name: string; bytes: Buffer };

test.beforeAll(async ({ browser }) => {
  const context = await browser.newContext({ acceptDownloads: true });
  page = await context.newPage();
  page.setDefaultTimeout(30_000);
  watched = watch(page);
});

test.afterAll(() => page.context().close());

test('opens the sample from the gallery with a recipe on the bench', async () => {
  await openSample(page, 'Stories');
  await expect(page.getByRole('banner')).toContainText('Llama-like');
  await expect(page.getByRole('listitem', { name: '2 Round to nearest' })).toBeVisible();
  await expect(page.getByRole('button', { name: /^Undo/ })).toBeDisabled();
});

test('an evaluation text dropped on the open model replaces the one that came with it', async () => {
  await drop(page, [{ name: 'evaluation.txt', bytes: fewStories(6) }]);
  await expect(page.getByText('Added evaluation.txt to the open model.').last()).toBeVisible();
});

test('size and preview follow the bits, by keyboard and while dragging', async () => {
  await takePreset(page, '4-bit');
  await showTab(page, 'Weights');
  await settled('4 bits');
  const bits = page.getByRole('slider', { name: 'Bits' });
  await bits.focus();
  await bits.press('End');
  const seen = [await settled('8 bits')];
  for (const less of ['6 bits', '5 bits']) {
    await bits.press('ArrowLeft');
    await settled(less);
  }
  await bits.press('ArrowLeft');
  seen.push(await settled('4 bits'));
  await bits.press('ArrowLeft');
  await settled('3 bits');
  await bits.press('ArrowLeft');
  seen.push(await settled('2 bits'));
  expect(new Set(seen.map(({ histogram }) => histogram)).size).toBe(3);
  expect(new Set(seen.map(({ heat }) => heat)).size).toBe(3);
  const [eight, four, two] = seen.map(({ bytes }) => bytes);
  expect(eight).toBeGreaterThan(four);
  expect(four).toBeGreaterThan(two);

  const box = await bits.locator('..').boundingBox();
  if (box === null) throw new Error('the slider has no box');
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + 200, y, { steps: 8 });
  // The button is still down: numbers and pictures follow the hand.
  await expect.poll(shown, { timeout: 30_000 }).toEqual(seen[0]);
  await page.mouse.move(x, y, { steps: 8 });
  await expect.poll(shown, { timeout: 30_000 }).toEqual(seen[2]);
  await page.mouse.up();
});

test('runs three recipes; the chart shows three points with error bars, and the frontier', async () => {
  await showTab(page, 'Frontier');
  await takePreset(page, '8-bit');
  await run(page, 'q8');
  await takePreset(page, 'Tiny');
  await run(page, 'tiny');
  await takePreset(page, '4-bit');
  await run(page, 'q4');
  const chart = page.getByRole('figure', { name: 'Quality against size of the measured trials' });
  for (const name of ['q8', 'tiny', 'q4']) await expect(point(name)).toHaveCount(1);
  // Whoever hears the chart hears size, quality and what it cost.
  await expect(point('tiny')).toHaveAccessibleName(
    /^tiny, \d+ kB, [\d.]+× smaller, Perplexity [\d.]+ ± [\d.]+, \+[\d.]+ % ± [\d.]+ against the original, /,
  );
  // Every error bar is one stem and two whiskers; the original's is zero where bars are of differences.
  await expect.poll(() => chart.locator('[data-error-bar] line').count()).toBeGreaterThanOrEqual(9);
  const line = chart.locator('path[data-frontier]');
  await expect(line.first()).toBeVisible();
  expect(await line.first().getAttribute('d')).toMatch(/^M[\d.]+,[\d.]+L/);
});

test('a click on a point shows its result; its recipe is loaded by a second one, and undo takes that back', async () => {
  const first = page.getByRole('listitem', { name: '1 Round to nearest' });
  const bench = page.getByText('The bench has another recipe', { exact: true });
  await point('tiny').click();
  await expect(trialCard(page).getByRole('heading', { level: 3 })).toContainText('tiny');
  await expect(bench).toBeVisible();
  await expect(first).toBeVisible();
  await page.getByRole('button', { name: 'Load tiny', exact: true }).click();
  await expect(page.getByRole('listitem', { name: '2 GPTQ' })).toBeVisible();
  await expect(bench).toHaveCount(0);
  await page.getByRole('button', { name: /^Undo/ }).click();
  await expect(first).toBeVisible();
  await point('q4').press('Enter');
  await expect(trialCard(page).getByRole('heading', { level: 3 })).toContainText('q4');
  await expect(bench).toHaveCount(0);
});

test('the weights of a measured trial are those of its file', async () => {
  await showTab(page, 'Weights');
  await expect(page.getByText('From the measured file of q4.')).toBeVisible();
  await expect(page.getByRole('img', { name: 'Heat map of the weights, Error' })).toBeVisible();
  await expect(page.getByText(/weights share one scale\. 4 bits: 16 values/)).toBeVisible();
});

test('both models read a document of the evaluation without being asked', async () => {
  await showTab(page, 'Try it');
  await expect(page.getByText(/^Mean KL [\d.e-]+ ± /)).toBeVisible({ timeout: RUN_MS });
  // The one that was harmed most is read first.
  await expect(page.getByRole('combobox', { name: 'Document' })).toContainText(
    / · loss \+?[−\d.]+ nats · /,
  );
  const text = page.getByRole('radiogroup', { name: 'The text, token by token' });
  expect(await text.getByRole('radio').count()).toBeGreaterThan(20);
  await text.focus();
  await text.press('Home');
  const detail = page.getByRole('region', { name: 'At this token' });
  await expect(detail).toContainText('The first token has nothing before it');
  await text.press('ArrowRight');
  await expect(detail).toContainText('Original expects');
  await expect(detail.getByRole('listitem')).toHaveCount(await expectedLines());
  await page.getByRole('button', { name: 'Next document' }).click();
  await expect(text.getByRole('radio', { checked: true })).toBeVisible({ timeout: RUN_MS });

  /** Three of each model, and what stands there where it is none of them. */
  async function expectedLines(): Promise<number> {
    const marked = await detail
      .getByRole('listitem')
      .filter({ has: page.getByLabel('what stands here') })
      .count();
    expect(marked).toBe(2);
    return 6 + (await detail.locator('li[data-apart]').count());
  }
});

test('original and compressed answer a prompt side by side', async () => {
  await page.getByText('Write on', { exact: true }).click();
  await page.getByRole('textbox', { name: 'Prompt' }).fill('Once upon a time, there was a cat');
  await page.getByRole('button', { name: 'Continue' }).click();
  const both = page.getByRole('region', { name: 'What both write' });
  await expect(both).toContainText('there was a cat', { timeout: RUN_MS });
  await expect(
    page.getByText(
      /^(The same for .* tokens?(, then their own way)?|They part at the first token)$/,
    ),
  ).toBeVisible();
  expect(await page.getByRole('tabpanel').locator('[title*="KL"]').count()).toBeGreaterThan(40);
  const compressed = page.getByRole('region', { name: 'q4', exact: true });
  await expect(compressed).toContainText(/q4 gives it [\d.e-]+\s*Original gives it [\d.e-]+/);
  await expect(
    page.getByText(/(choose alike behind the same text: |the original’s in only )[\d.]+ % ± /),
  ).toBeVisible();
});

test('any two trials answer a prompt side by side', async () => {
  await choose('Left', 'q8');
  await choose('Right', 'tiny');
  // Another pair is asked the same text by itself.
  await expect(page.getByText('KL(q8 ‖ tiny) in nats')).toBeVisible({ timeout: RUN_MS });
  const [q8, tiny] = ['q8', 'tiny'].map((name) => page.getByRole('region', { name, exact: true }));
  await expect(q8).toContainText('tiny gives it');
  await expect(tiny).toContainText('q8 gives it');
  await expect(page.getByRole('region', { name: 'What both write' })).toContainText('a cat');
  await choose('Left', 'Original');
  await choose('Right', 'q4');
});

test('two trials are compared on the Runs screen, paired as computed by hand', async () => {
  await page.getByRole('link', { name: 'Runs' }).click();
  for (const name of ['q8', 'tiny']) {
    // A trial of the same name ships with the sample: own ones have names that can be changed.
    const own = page.getByRole('row').filter({ has: page.getByLabel(`Name of ${name}`) });
    await own.getByRole('button', { name: `Compare ${name}`, exact: true }).click();
  }
  const comparison = page.getByRole('region', { name: 'Compare', exact: true });
  await expect(comparison).toContainText('A · q8');
  await expect(comparison.getByRole('row', { name: /^KL divergence/ })).toContainText('not paired');
  await expect(comparison).toContainText('De-duplicate: only in B');
  await expect(comparison.getByRole('region', { name: 'Layer by layer' })).toContainText(
    'mlp.gate_proj',
  );
  await expect(comparison).toContainText('35 layers have no difference of errors');
  const cell = comparison
    .getByRole('row', { name: /^Perplexity/ })
    .getByRole('cell')
    .last();
  await expect(cell).toContainText('paired');
  const shown = /^([+\u2212]?[\d.]+) ± ([\d.]+)/.exec((await cell.textContent()) ?? '');
  const [value, error] = [shown?.[1] ?? '', shown?.[2] ?? ''];
  const hand = pairedByHand(await keptLosses(page, 'q8'), await keptLosses(page, 'tiny'));
  const places = error.split('.')[1]?.length ?? 0;
  console.log(`B − A: ${value} ± ${error}; by hand ${hand.value} ± ${hand.error}`);
  expect(Number(value.replace('\u2212', '-'))).toBe(Number(hand.value.toFixed(places)));
  expect(Number(error)).toBe(Number(hand.error.toFixed(places)));
});

test('a cancelled run is over within a second and says how far it came', async () => {
  await page.getByRole('link', { name: 'Studio' }).click();
  await takePreset(page, '2-bit');
  await runButton(page).click();
  // Of six documents measuring takes a moment only: any stage before the comparison will do.
  const stages = /Round to nearest|Writing the file|Measuring|Timing/;
  await expect(page.getByRole('contentinfo')).toContainText(stages, { timeout: RUN_MS });
  const start = Date.now();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('contentinfo')).toContainText('Ready');
  const took = Date.now() - start;
  console.log(`cancelled after ${took} ms`);
  expect(took).toBeLessThan(1000);
  await page.getByRole('link', { name: 'Runs' }).click();
  await expect(page.getByText(/^(Cancelled|Ended) at .*finished steps are kept\.$/)).toBeVisible();
  await expect(page.getByRole('button', { name: /^Run .* again$/ })).toBeEnabled();
});

test('a reload finds the trials again', async () => {
  await page.goto('/studio');
  await page.reload();
  await expect(page.getByRole('banner')).toContainText('Llama-like', { timeout: 60_000 });
  for (const name of ['q8', 'tiny', 'q4']) await expect(point(name)).toHaveCount(1, LONG);
  await point('q4').click();
  await expect(trialCard(page)).toContainText('q4');
});

test('exports the bytes that the command line makes, checked on both devices', async () => {
  exported = await download(page, () =>
    page.getByRole('button', { name: 'Export', exact: true }).click(),
  );
  expect(exported.name).toBe('model_q4.onnx');
  expect(exported.bytes.length).toBe(await exactBytes(trialCard(page)));
  const hash = sha256(exported.bytes);
  expect(await trialCard(page).locator('code[title]').getAttribute('title')).toBe(hash);
  await expect(trialCard(page)).toContainText(/WASM and WebGPU\s*agree to [\d.]+e-\d+/);
  expect(hash).toBe(await headless('q4'));
});

test('the exported file, dropped on its original, is its trial again and brings its recipe back', async () => {
  await takePreset(page, 'Half precision');
  await drop(page, [{ name: exported.name, bytes: exported.bytes }]);
  await expect(
    page.getByText('The file came back: it is q4, a trial of stories.').last(),
  ).toBeVisible({
    timeout: 60_000,
  });
  await expect(page.getByRole('banner')).toContainText('stories');
  await expect(trialCard(page)).toContainText('q4');
  await page.getByRole('button', { name: 'Load its recipe' }).click();
  const step = page.getByRole('listitem', { name: '1 Round to nearest' });
  await expect(step).toContainText('4 bits');
  await expect(step).toContainText('32');
  await expect(page.getByRole('listitem', { name: /^2 / })).toHaveCount(0);
  await expect(forecastCard(page)).toBeVisible();
});

test('all this without an error in the console, and without a request to anyone', () => {
  expect(watched).toEqual({ errors: [], foreign: [] });
});

interface Shown {
  readonly bytes: number;
  readonly histogram: string;
  readonly heat: string;
}

/** A trial's point on the chart. */
function point(name: string): Locator {
  return page.getByRole('figure').getByRole('button', { name: new RegExp(`^${name}, `) });
}

/** The exact size, and the pictures of the weights. */
async function shown(): Promise<Shown> {
  return {
    bytes: await exactBytes(forecastCard(page)),
    histogram: await pixels(page, /^Histogram of the weights( on \d+ values of the grid)?$/),
    heat: await pixels(page, 'Heat map of the weights, After'),
  };
}

/** Takes a model for a side of Try it. */
async function choose(side: string, name: string): Promise<void> {
  await page.getByRole('combobox', { name: side }).click();
  await page.getByRole('option', { name, exact: true }).click();
  await expect(page.getByRole('listbox')).toHaveCount(0);
}

/** Waits until the page has caught up with this number of bits and rests. */
async function settled(bits: string): Promise<Shown> {
  const value = bits.replace(' bits', '');
  await expect(page.getByRole('slider', { name: 'Bits' })).toHaveAttribute('aria-valuetext', value);
  let last = await shown();
  let same = 0;
  const rests = async (): Promise<number> => {
    const now = await shown();
    same = JSON.stringify(now) === JSON.stringify(last) ? same + 1 : 0;
    last = now;
    return same;
  };
  await expect.poll(rests, { intervals: [250], timeout: 30_000 }).toBeGreaterThan(3);
  return last;
}

async function headless(recipe: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'lathe-e2e-'));
  const out = join(folder, 'model.onnx');
  try {
    execFileSync(
      'node',
      ['bin/lathe.mjs', 'compress', 'sample:stories', '--recipe', recipe, '--out', out],
      {
        stdio: 'ignore',
      },
    );
    return sha256(readFileSync(out));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
