/** Data files that are long, or whose reading never ends: the page says what it takes of them, and goes on. */
import { expect, test, type Page } from '@playwright/test';
import { drop, fewStories, forecastCard, settledBytes, takePreset } from './support.ts';

test.describe.configure({ mode: 'serial' });

const SOON = { timeout: 60_000 };

let page: Page;

test.beforeAll(async ({ browser }) => {
  // The worker's script is answered here, not from what the page keeps for offline.
  const context = await browser.newContext({ serviceWorkers: 'block' });
  page = await context.newPage();
  page.setDefaultTimeout(60_000);
});

test.afterAll(() => page.context().close());

const status = () => page.getByRole('contentinfo');
const said = (text: string | RegExp) =>
  page.getByRole('region', { name: 'Messages' }).getByRole('listitem').filter({ hasText: text });

test('data before a model is kept for it', async () => {
  await page.goto('/');
  await drop(page, [{ name: 'evaluation.txt', bytes: fewStories(3) }]);
  await expect(said('evaluation.txt is kept. Now open the model it belongs to.')).toBeVisible();
  await page.getByRole('button', { name: 'Open sample Stories' }).click();
  await expect(said(/^Added evaluation\.txt to the open model\. Read: 3 texts/)).toBeVisible(SOON);
});

test('of a huge text the beginning is taken, and forecasts never wait for it', async () => {
  const line = 'Once upon a time there was a little dog who ran after a red ball.\n\n';
  await drop(page, [{ name: 'evaluation.txt', bytes: line.repeat(20_000_000 / line.length) }]);
  await takePreset(page, 'Half precision');
  expect(await settledBytes(forecastCard(page))).toBeLessThan(700_000);
  const read = /evaluation\.txt: .*about [\d,]+ tokens, the first 2\.00\sMB of 20\.0\sMB/;
  await expect(page.getByText(read)).toBeVisible(SOON);
});

test('a reading that never ends is ended by hand, and changes nothing', async () => {
  await page.route('**/data.worker*', (route) =>
    route.fulfill({
      contentType: 'text/javascript',
      // Without it an isolated page may not start the script.
      headers: { 'cross-origin-embedder-policy': 'require-corp' },
      body: 'setInterval(() => {}, 1000)',
    }),
  );
  await drop(page, [{ name: 'other-evaluation.txt', bytes: fewStories(5) }]);
  await expect(status()).toContainText('Reading other-evaluation.txt…');
  const before = await settledBytes(forecastCard(page));
  await takePreset(page, '8-bit');
  expect(await settledBytes(forecastCard(page))).toBeLessThan(before);
  await page.getByRole('button', { name: 'Cancel reading other-evaluation.txt' }).click();
  await expect(said('Cancelled. other-evaluation.txt was not added.')).toBeVisible();
  await expect(status()).toContainText('Ready');
  await page.unrouteAll();
});
