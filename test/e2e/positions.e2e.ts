/** An option whose positions share their work: a slider, and under it what each position is worth. */
import { expect, test, type Page } from '@playwright/test';
import { wordText } from '../support/tiny-decoder.ts';
import { wordsLlama } from '../support/words-llama.ts';
import { readAll } from '../../src/engine/model/folder.ts';
import { drop, exactBytes, forecastCard, RUN_MS, settledBytes, trialCard } from './support.ts';

test.describe.configure({ mode: 'serial' });

let page: Page;

test.beforeAll(async ({ browser }) => {
  page = await browser.newPage();
  page.setDefaultTimeout(30_000);
  await page.goto('/');
  const { files } = await wordsLlama();
  const model = files.map(async (file) => ({ name: file.path, bytes: await readAll(file) }));
  const text = (words: number, seed: number): string => wordText(words, seed).documents[0];
  await drop(page, [
    ...(await Promise.all(model)),
    { name: 'calibration.txt', bytes: text(600, 1) },
    { name: 'evaluation.txt', bytes: text(300, 2) },
  ]);
  await expect(forecastCard(page)).toBeVisible({ timeout: 60_000 });
});

test.afterAll(() => page.close());

const table = () => page.getByRole('table', { name: 'Bits: every position' });
const position = (bits: number) => page.getByRole('button', { name: `Bits ${bits}`, exact: true });
const row = (bits: number) =>
  table()
    .getByRole('row')
    .filter({ has: position(bits) });
const slider = () => page.getByRole('slider', { name: 'Bits', exact: true });

test('every position has its size before anything ran', async () => {
  const remove = page.getByRole('button', { name: 'Remove step' });
  while ((await remove.count()) > 0) await remove.first().click();
  await page.getByRole('button', { name: 'Add step' }).click();
  const option = page.getByText('Any precision', { exact: true });
  await page.getByRole('option').filter({ has: option }).click();
  await expect(position(4)).toHaveAttribute('aria-pressed', 'true');
  const before = await settledBytes(forecastCard(page));
  await slider().press('ArrowLeft');
  await expect(position(3)).toHaveAttribute('aria-pressed', 'true');
  expect(await settledBytes(forecastCard(page))).toBeLessThan(before);
  for (const bits of [2, 3, 4, 5, 6, 8]) await expect(row(bits)).toContainText(/\d kB/);
});

test('one press measures every position', async () => {
  await page.getByRole('button', { name: 'Measure every position' }).click();
  await expect(page.getByText('Every position is measured.').first()).toBeVisible({
    timeout: 3 * RUN_MS,
  });
  await expect(page.getByRole('contentinfo')).toContainText('Ready', { timeout: RUN_MS });
  for (const bits of [2, 3, 4, 5, 6, 8]) await expect(row(bits)).toContainText('±');
  await expect(trialCard(page)).toContainText('any-precision 3 bits 32');
});

test('moving the slider shows what was measured there, and nothing runs', async () => {
  const three = await exactBytes(trialCard(page));
  await slider().press('ArrowLeft');
  await expect(trialCard(page)).toContainText('any-precision 2 bits 32');
  expect(await exactBytes(trialCard(page))).toBeLessThan(three);
  await position(8).click();
  await expect(trialCard(page)).toContainText('any-precision 8 bits 32');
  expect(await exactBytes(trialCard(page))).toBeGreaterThan(three);
  await expect(page.getByRole('progressbar', { name: 'Run' })).toHaveCount(0);
});
