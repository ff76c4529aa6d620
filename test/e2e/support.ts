import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { expect, type Locator, type Page } from '@playwright/test';

/** A run on a busy machine with the software adapter takes a while. */
export const RUN_MS = 150_000;

export interface DroppedFile {
  readonly name: string;
  readonly bytes: Uint8Array | string;
}

/** What the page may never do, collected while it is used. */
export interface Watched {
  readonly errors: string[];
  readonly foreign: string[];
}

export function watch(page: Page): Watched {
  const watched: Watched = { errors: [], foreign: [] };
  page.on('pageerror', (error) => watched.errors.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') watched.errors.push(message.text());
  });
  page.on('request', (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (protocol.startsWith('http') && hostname !== 'localhost')
      watched.foreign.push(request.url());
  });
  return watched;
}

export async function openSample(page: Page, title: 'Stories' | 'Digits'): Promise<void> {
  await page.goto('/');
  await page.getByRole('button', { name: `Open sample ${title}` }).click();
  await expect(runButton(page)).toBeVisible({ timeout: 60_000 });
  await expect(forecastCard(page)).toBeVisible({ timeout: 60_000 });
}

export function runButton(page: Page): Locator {
  // "Run Ctrl+↵", "Run on 2 parts", "Run" where there are no keys.
  return page.getByRole('button', { name: /^Run(ning…)?( |$)/ });
}

/** What the recipe on the bench comes to: forecast, or measured once it was run. */
export function forecastCard(page: Page): Locator {
  return page.getByRole('region', { name: 'Forecast' }).or(trialCard(page)).first();
}

export function trialCard(page: Page): Locator {
  return page.getByRole('region', { name: 'Measured' });
}

/** The exact number of bytes a card shows. */
export async function exactBytes(card: Locator): Promise<number> {
  const text = (await card.textContent()) ?? '';
  const match = /([\d\u202f]+) B ·/.exec(text);
  if (match === null) throw new Error(`no exact size in: ${text}`);
  return Number(match[1].replaceAll('\u202f', ''));
}

/** The exact size once it stands still: a forecast follows a change of the recipe by some milliseconds. */
export async function settledBytes(card: Locator): Promise<number> {
  let [before, bytes] = [NaN, await exactBytes(card)];
  while (before !== bytes) {
    await card.page().waitForTimeout(400);
    [before, bytes] = [bytes, await exactBytes(card)];
  }
  return bytes;
}

/** Takes a preset, or a recipe of the user's own, from the menu. */
export async function takePreset(page: Page, title: string): Promise<void> {
  const menu = await openStartMenu(page);
  await menu.getByRole('button', { name: title, exact: true }).click();
  await expect(menu).toHaveCount(0);
  await expect(startButton(page)).toContainText(title);
}

export function startButton(page: Page): Locator {
  return page.getByRole('group', { name: 'Starting points' }).getByRole('button');
}

export async function openStartMenu(page: Page): Promise<Locator> {
  await startButton(page).click();
  const menu = page.getByRole('dialog', { name: 'Start from' });
  await expect(menu).toBeVisible();
  return menu;
}

/** Opens the card of a step, which may be open. */
export async function openStep(page: Page, name: string): Promise<void> {
  const head = page.getByRole('listitem', { name }).getByRole('heading').getByRole('button');
  if ((await head.getAttribute('aria-expanded')) === 'false') await head.click();
  await expect(head).toHaveAttribute('aria-expanded', 'true');
}

/** Presses Run and waits until the page shows the finished trial of this name as verified. */
export async function run(page: Page, name: string): Promise<void> {
  await expect(runButton(page)).toBeEnabled({ timeout: 60_000 });
  await runButton(page).click();
  await expect(page.getByRole('progressbar', { name: 'Run' })).toBeVisible();
  await finished(page, name);
}

export async function finished(page: Page, name: string): Promise<void> {
  await expect(page.getByRole('contentinfo')).toContainText('Ready', { timeout: RUN_MS });
  await expect(page.getByRole('alert')).toHaveCount(0);
  const heading = trialCard(page).getByRole('heading', { level: 3 });
  await expect(heading).toContainText(name);
  await expect(heading).toContainText('Verified');
}

/** Drops files on the window, as a file manager does. */
export async function drop(page: Page, files: readonly DroppedFile[]): Promise<void> {
  const encoded = files.map(({ name, bytes }) => ({
    name,
    base64: Buffer.from(bytes).toString('base64'),
  }));
  const dataTransfer = await page.evaluateHandle((list) => {
    const transfer = new DataTransfer();
    for (const { name, base64 } of list) {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      transfer.items.add(new File([bytes], name));
    }
    return transfer;
  }, encoded);
  const target = page.locator('#root > *').first();
  for (const type of ['dragenter', 'dragover', 'drop']) {
    await target.dispatchEvent(type, { dataTransfer });
  }
}

/** Clicks, and reads the file that is downloaded. */
export async function download(
  page: Page,
  click: () => Promise<void>,
): Promise<{ name: string; bytes: Buffer }> {
  const [saved] = await Promise.all([page.waitForEvent('download'), click()]);
  return { name: saved.suggestedFilename(), bytes: await readFile(await saved.path()) };
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** All pixels of a canvas, as a short hash. */
export async function pixels(page: Page, label: string | RegExp): Promise<string> {
  const canvas = page.getByRole('img', { name: label, exact: true });
  const url = await canvas.evaluate((element) => (element as HTMLCanvasElement).toDataURL());
  return sha256(Buffer.from(url));
}

/** The first stories of the shipped evaluation text: enough for error bars, and quick. */
export function fewStories(count: number): string {
  const text = readFileSync('public/samples/stories/evaluation.txt', 'utf8');
  return text.split('<|endoftext|>').slice(0, count).join('<|endoftext|>');
}

/** Evidence tabs by their name. */
export async function showTab(page: Page, name: string): Promise<void> {
  await page.getByRole('tab', { name }).click();
}
