/** What ships with a sample, and a file that comes back: its own report, as a trial of its original. */
import { readFileSync } from 'node:fs';
import { expect, test, type Page } from '@playwright/test';
import { download, drop, finished, openSample, sha256, trialCard, watch } from './support.ts';

test.describe.configure({ mode: 'serial' });

let page: Page;
let exported: { name: string; bytes: Buffer };

const shipped = JSON.parse(readFileSync('public/samples/digits/trials.json', 'utf8')) as {
  readonly trials: readonly {
    readonly id: string;
    readonly name: string;
    readonly report: { outputSha256: string };
  }[];
};
const first = shipped.trials[0];

test.beforeAll(async ({ browser }) => {
  page = await (await browser.newContext({ acceptDownloads: true })).newPage();
  page.setDefaultTimeout(30_000);
});

test.afterAll(() => page.context().close());

/** Names of the trials' folders in the browser's storage. */
function keptTrials(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    const found: string[] = [];
    const lathe = await root.getDirectoryHandle('lathe');
    for await (const [name] of await lathe.getDirectoryHandle('trials')) found.push(name);
    return found;
  });
}

test('a sample shows measured trials before anything was run', async () => {
  const watched = watch(page);
  await openSample(page, 'Digits');
  await expect(trialCard(page)).toContainText(first.name);
  await expect(page.getByRole('progressbar', { name: 'Run' })).toHaveCount(0);
  expect(watched).toEqual({ errors: [], foreign: [] });
});

test('a shipped trial has no file yet; computed here it has the very bytes', async () => {
  const compute = page.getByRole('button', { name: 'Compute it here' });
  // Where there is an Export to press, it leads there.
  if ((await compute.count()) === 0)
    await trialCard(page).getByRole('button', { name: 'Export', exact: true }).click();
  await compute.first().click();
  await finished(page, first.name);
  exported = await download(page, () =>
    trialCard(page).getByRole('button', { name: 'Export', exact: true }).click(),
  );
  expect(sha256(exported.bytes)).toBe(first.report.outputSha256);
  // Of the same id, so that it takes the place of the shipped one.
  expect(await keptTrials(page)).toEqual([first.id]);
});

test('dropped on its open original the file is the trial that is known', async () => {
  await drop(page, [exported]);
  await expect(page.getByText(/^The file came back: it is small-and-safe/).last()).toBeVisible();
  await expect(page.getByRole('banner')).toContainText('digits');
  await expect(trialCard(page)).toContainText(first.name);
});

test('in a browser that knows nothing it opens its original, and shows its own measurements', async ({
  browser,
}) => {
  await page.context().close();
  page = await (await browser.newContext({ acceptDownloads: true })).newPage();
  page.setDefaultTimeout(30_000);
  await page.goto('/');
  await drop(page, [exported]);
  await expect(page.getByRole('banner')).toContainText('digits', { timeout: 60_000 });
  await expect(trialCard(page)).toContainText(first.name);
  await expect(trialCard(page)).toContainText('Accuracy');
  // Nothing was measured in this browser.
  await expect(trialCard(page)).toContainText('Measured elsewhere');
  const again = await download(page, () =>
    trialCard(page).getByRole('button', { name: 'Export', exact: true }).click(),
  );
  expect(sha256(again.bytes)).toBe(first.report.outputSha256);
});
