/** Every method, from its generated form to a verified file, on the quick sample. */
import { expect, test, type Page } from '@playwright/test';
import { allMetas } from '../../src/core/methods/catalog.ts';
import { optionsForm } from '../../src/core/methods/options-form.ts';
import {
  exactBytes,
  settledBytes,
  forecastCard,
  openSample,
  run,
  RUN_MS,
  showTab,
  trialCard,
  watch,
  type Watched,
} from './support.ts';

test.describe.configure({ mode: 'serial' });

let page: Page;
let watched: Watched;

test.beforeAll(async ({ browser }) => {
  page = await browser.newPage();
  page.setDefaultTimeout(30_000);
  watched = watch(page);
  await openSample(page, 'Digits');
});

test.afterAll(() => page.close());

/** Every method that changes single weights without training: a new one is here by itself. */
const METHODS = allMetas()
  .filter(({ pictures, needs }) => pictures === 'weight' && !needs.includes('training'))
  .map((meta) => ({ meta, fields: optionsForm(meta).filter(({ when }) => when === undefined) }));

/** Pruned weights take as much room as before unless they are stored sparse. */
const SMALLER: ReadonlySet<string> = new Set(['quantization', 'low-rank']);

for (const { meta, fields } of METHODS) {
  const { title, id, family } = meta;
  test(`${title}: from its form to a verified file`, async () => {
    await benchOnly(title);
    const step = page.getByRole('listitem', { name: new RegExp(`^1 ${title}`) });
    await expect(step).toBeVisible();
    for (const field of fields) await expect(controlOf(field.title)).toBeAttached();
    const before = await settledBytes(forecastCard(page));
    await run(page, id);
    expect(await exactBytes(trialCard(page))).toBe(before);
    await expect(trialCard(page)).toContainText('as forecast, to the byte');
    await expect(trialCard(page)).toContainText('Accuracy');
    await expect(trialCard(page)).toContainText(/agree to [\d.]+e/);
    expect(before < 53_666).toBe(SMALLER.has(family));
  });
}

test('De-duplicate: finds nothing in this model, and says so before anything runs', async () => {
  await benchOnly('De-duplicate');
  await expect(page.getByRole('alert')).toContainText('changes nothing');
  await expect(page.getByRole('button', { name: /^Run / })).toBeDisabled();
});

test('Dequantize: opens up what the step before it quantized', async () => {
  await benchOnly('Dequantize');
  await expect(page.getByRole('alert')).toContainText('there is nothing to dequantize');
  await expect(page.getByRole('button', { name: /^Run / })).toBeDisabled();
  await benchOnly('Round to nearest');
  await addStep('Dequantize');
  await expect(controlOf('Precision')).toBeAttached();
  await run(page, 'dequantize');
  await expect(trialCard(page)).toContainText('as forecast, to the byte');
  await expect(trialCard(page)).toContainText('1 warning');
});

test('a classifier shows every answer that changed, and what is confused with what', async () => {
  await showTab(page, 'Try it');
  await expect(
    page.getByText(/^(No answer|\d+) of 2\u202f000 (changed|answers changed: \d+ lost, \d+ won)/),
  ).toBeVisible({ timeout: RUN_MS });
  const examples = page.getByRole('list', { name: 'Examples' }).getByRole('listitem');
  await expect(examples.first()).toContainText(/right|wrong/);
  await expect(examples.first()).toContainText(/\d+% → \d+%/, { timeout: RUN_MS });
  await expect(page.getByRole('img', { name: /^Example / }).first()).toBeVisible();
  // Only what is in sight exists.
  expect(await examples.count()).toBeLessThan(60);
  await page.getByText('Confusion', { exact: true }).click();
  const cells = page.getByRole('region', { name: /^Answers of .* by true class$/ }).locator('td');
  const counts = (await cells.allTextContents()).map((text) => Number(text.replace('·', '0')));
  expect(counts).toHaveLength(100);
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(2000);
});

test('every layer can be left alone, and a block given its own bits', async () => {
  await benchOnly('Round to nearest');
  const all = await exactBytes(forecastCard(page));
  await showTab(page, 'Layers');
  const use = page.getByRole('checkbox', { name: /^Compress / }).first();
  await use.uncheck();
  await expect.poll(() => exactBytes(forecastCard(page))).toBeGreaterThan(all);
  await use.check();
  await expect.poll(() => exactBytes(forecastCard(page))).toBe(all);
  await page.getByRole('combobox', { name: /^Bits of Block 0/ }).selectOption('8');
  await expect.poll(() => exactBytes(forecastCard(page))).toBeGreaterThan(all);
  // One choice, one step of undo, though the recipe has a step more now.
  await page.keyboard.press('ControlOrMeta+z');
  await expect.poll(() => exactBytes(forecastCard(page))).toBe(all);
});

test('all this without an error in the console, and without a request to anyone', () => {
  expect(watched).toEqual({ errors: [], foreign: [] });
});

/** Empties the bench and adds one step from the menu of methods. */
async function benchOnly(title: string): Promise<void> {
  const remove = page.getByRole('button', { name: 'Remove step' });
  while ((await remove.count()) > 0) await remove.first().click();
  await addStep(title);
}

async function addStep(title: string): Promise<void> {
  await page.getByRole('button', { name: 'Add step' }).click();
  await page
    .getByRole('option')
    .filter({ has: page.getByText(title, { exact: true }) })
    .click();
  await expect(page.getByRole('listbox')).toHaveCount(0);
}

function labelled(control: string) {
  return page.getByLabel(control, { exact: true }).first();
}

/** A control by the option's title; a number that is typed, not dragged, has its field alone. */
function controlOf(title: string) {
  return labelled(title)
    .or(labelled(`${title}, value`))
    .first();
}
