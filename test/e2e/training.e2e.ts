/** Training in the page: live, paused, cancelled, taken up again, and what comes out of it. */
import AxeBuilder from '@axe-core/playwright';
import { unzipSync } from 'fflate';
import { expect, test, type Page } from '@playwright/test';
import {
  download,
  drop,
  fewStories,
  finished,
  openSample,
  runButton,
  RUN_MS,
  showTab,
  trialCard,
  watch,
  type Watched,
} from './support.ts';

test.describe.configure({ mode: 'serial' });

let page: Page;
let watched: Watched;

const STEPS = 40;

test.beforeAll(async ({ browser }) => {
  const context = await browser.newContext({ acceptDownloads: true });
  page = await context.newPage();
  page.setDefaultTimeout(30_000);
  watched = watch(page);
});

test.afterAll(() => page.context().close());

test('a LoRA recipe from its form', async () => {
  await openSample(page, 'Stories');
  await dropEvaluation();
  await benchOnly('LoRA');
  await setNumber('Rank, value', 4);
  await setNumber('Steps, value', STEPS);
  await setNumber('Batch size, value', 2);
  await page.getByText('adapter', { exact: true }).click();
  await page.getByText('Advanced', { exact: true }).click();
  await setNumber('Look at held-out data every, value', 20);
  await shorten();
});

test('the curve moves, stands still while paused, and goes on', async () => {
  await start();
  await seen(3);
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  await expect(strip()).toContainText('Paused');
  await expect(strip()).toContainText(/step \d+ of 40/);
  await expect(strip()).toContainText('labels/s');
  // The step that was under way may still arrive.
  await page.waitForTimeout(700);
  const paused = await points();
  await page.waitForTimeout(1000);
  expect(await points()).toBe(paused);
  expect(paused).toBeLessThan(STEPS);
  await accessible();
  await page.getByRole('button', { name: 'Resume', exact: true }).click();
  await seen(paused + 1);
});

test('cancelled while paused, within a second', async () => {
  await seen(6);
  await page.keyboard.press('p');
  await expect(page.getByRole('contentinfo')).toContainText('Paused');
  const begin = Date.now();
  await page.keyboard.press('Escape');
  // Looks at every frame, where an assertion would look ever less often.
  await page.getByRole('contentinfo').filter({ hasText: 'Ready' }).waitFor();
  const took = Date.now() - begin;
  console.log(`a paused training was cancelled after ${took} ms`);
  expect(took).toBeLessThan(1000);
  await expect(strip()).toHaveCount(0);
});

test('after a reload the same recipe continues from the checkpoint', async () => {
  await page.reload();
  await expect(page.getByRole('banner')).toContainText('Llama-like', { timeout: 60_000 });
  await dropEvaluation();
  await start();
  const said = page.getByText(/training continues from step \d+ of 40/).last();
  await expect(said).toBeVisible({ timeout: RUN_MS });
  const step = Number(/step (\d+)/.exec((await said.textContent()) ?? '')?.[1]);
  console.log(`continued from step ${step}`);
  expect(step).toBeGreaterThan(4);
  await expect(strip()).toContainText(`continues from step ${step}`);
  // The curve has the steps of the first sitting as well.
  expect(await points()).toBeGreaterThanOrEqual(step);
  await finished(page, 'lora');
});

test('the result shows what was trained, and what it brought', async () => {
  const record = trialCard(page).getByRole('region', { name: 'Training record' });
  await expect(record).toContainText(/Trained numbers.* %/);
  await expect(record).toContainText(/Held-out loss[\d.]+ ± [\d.]+ → [\d.]+ ± [\d.]+/);
  await expect(record).toContainText(/Kept step\d+ of 40/);
  const curve = record.getByRole('img', { name: 'Loss curve, 40 of 40 steps' });
  await expect(curve.locator('circle')).toHaveCount(3);
});

test('the zip brings the adapter as PEFT reads it', async () => {
  const { bytes } = await download(page, () =>
    page.getByRole('button', { name: 'Zip for transformers.js' }).click(),
  );
  const files = unzipSync(bytes);
  const config: unknown = JSON.parse(
    new TextDecoder().decode(files['adapter/adapter_config.json']),
  );
  expect(config).toMatchObject({ peft_type: 'LORA', r: 4, lora_alpha: 16, task_type: 'CAUSAL_LM' });
  const weights = files['adapter/adapter_model.safetensors'];
  const length = Number(new DataView(weights.slice(0, 8).buffer).getBigUint64(0, true));
  const header: unknown = JSON.parse(new TextDecoder().decode(weights.slice(8, 8 + length)));
  const names = Object.keys(header as object).filter((name) => name !== '__metadata__');
  expect(names.filter((name) => name.endsWith('.lora_A.weight')).length).toBeGreaterThan(10);
  expect(names.length % 2).toBe(0);
});

test('with its adapter off the model continues as the original does', async () => {
  await showTab(page, 'Try it');
  const adapter = page.getByRole('switch', { name: 'Adapter, right' });
  await expect(adapter).toBeChecked();
  await page.getByText('Write on', { exact: true }).click();
  // A sample's own prompt is answered without being asked.
  const both = page.getByRole('region', { name: 'What both write' });
  await expect(both).toContainText('Once upon a time', { timeout: RUN_MS });
  // The adapter does something: the probabilities differ.
  const kls = await both
    .locator('[title*="KL"]')
    .evaluateAll((tokens) =>
      tokens.map((t) => Number(/KL (\S+)/.exec(t.getAttribute('title') ?? '')?.[1])),
    );
  expect(Math.max(...kls)).toBeGreaterThan(0);
  await adapter.uncheck();
  await expect(page.getByText('KL(Original ‖ lora, adapter off) in nats')).toBeVisible({
    timeout: RUN_MS,
  });
  await expect(page.getByText(/^The same for all 48 tokens$/)).toBeVisible();
});

test('a shallow student: its blocks are drawn, and chosen by a click', async () => {
  await benchOnly('Distill');
  await page.getByRole('combobox', { name: 'Student' }).click();
  await page.getByRole('option', { name: 'shallow', exact: true }).click();
  await expect(page.getByRole('group', { name: '3 of 5 blocks stay' })).toBeVisible();
  await page.getByRole('button', { name: 'Keep block 2' }).click();
  await expect(page.getByRole('textbox', { name: 'Block numbers' })).toBeVisible();
  const student = page.getByRole('list', { name: 'Student' }).getByRole('listitem');
  const before = await student.count();
  await page.getByRole('button', { name: 'Keep block 0' }).click();
  await expect(student).not.toHaveCount(before);
  await accessible();
  await setNumber('Steps, value', 2);
  await start();
  await finished(page, 'distill');
  await expect(trialCard(page).getByRole('region', { name: 'Training record' })).toContainText(
    'of 2',
  );
});

test('Fine-tune: from its form to a verified file', async () => {
  await benchOnly('Fine-tune');
  await setNumber('Steps, value', 2);
  await start();
  await finished(page, 'fine-tune');
  await expect(trialCard(page).getByRole('region', { name: 'Training record' })).toContainText(
    'Kept step',
  );
});

test('all this without an error in the console, and without a request to anyone', () => {
  expect(watched).toEqual({ errors: [], foreign: [] });
});

async function accessible(): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
}

function strip() {
  return page.getByRole('region', { name: 'Training', exact: true });
}

/** Steps the live curve shows. */
async function points(): Promise<number> {
  const curve = strip().locator('[data-points]');
  if ((await curve.count()) === 0) return 0;
  return Number(await curve.getAttribute('data-points'));
}

/** Looks at every frame: on a fast machine steps are quick. */
async function seen(count: number): Promise<void> {
  const enough = (least: number): boolean => {
    const curve = document.querySelector('[aria-label="Training"] [data-points]');
    return Number(curve?.getAttribute('data-points') ?? 0) >= least;
  };
  await page.waitForFunction(enough, count, { timeout: RUN_MS });
}

async function start(): Promise<void> {
  await expect(runButton(page)).toBeEnabled({ timeout: 60_000 });
  await runButton(page).click();
}

/** Measuring is no part of this test: a few stories will do. */
async function dropEvaluation(): Promise<void> {
  await drop(page, [{ name: 'evaluation.txt', bytes: fewStories(2) }]);
  await expect(page.getByText('Added evaluation.txt to the open model.').last()).toBeVisible();
}

/** Short sequences make quick steps. */
async function shorten(): Promise<void> {
  const length = page.getByRole('textbox', { name: 'Length' });
  await length.fill('32');
  await length.press('Tab');
}

async function setNumber(label: string, value: number): Promise<void> {
  const field = page.getByRole('textbox', { name: label, exact: true });
  await field.fill(String(value));
  await field.press('Tab');
  await expect(field).toHaveValue(String(value));
}

/** Empties the bench and adds one step from the menu of methods. */
async function benchOnly(title: string): Promise<void> {
  const remove = page.getByRole('button', { name: 'Remove step' });
  while ((await remove.count()) > 0) await remove.first().click();
  await page.getByRole('button', { name: 'Add step' }).click();
  await page
    .getByRole('option')
    .filter({ has: page.getByText(title, { exact: true }) })
    .click();
  await expect(page.getByRole('listbox')).toHaveCount(0);
}
