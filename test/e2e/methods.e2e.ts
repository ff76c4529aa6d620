/** Every method of the catalog, from its generated form to a verified file, in the first small model that fits. */
import { expect, test, type Page } from '@playwright/test';
import type { MethodMeta } from '../../src/core/methods/contract.ts';
import { optionsForm, type OptionField } from '../../src/core/methods/options-form.ts';
import { placesOf, SMALL_MODELS, type Place } from './small-models.ts';
import {
  exactBytes,
  settledBytes,
  forecastCard,
  run,
  RUN_MS,
  showTab,
  trialCard,
  watch,
  type Watched,
} from './support.ts';

let page: Page;
let watched: Watched;

const PLACES = await placesOf();

for (const model of SMALL_MODELS) {
  const places = PLACES.filter(({ model: { name } }) => name === model.name);
  test.describe(`in ${model.name}`, () => {
    test.beforeAll(async ({ browser }) => {
      page = await browser.newPage();
      page.setDefaultTimeout(30_000);
      watched = watch(page);
      await model.open(page);
    });

    test.afterAll(() => page.close());

    for (const place of places) {
      test(`${place.meta.title}: from its form to a verified file`, () => throughItsForm(place));
    }

    if (model.name === 'Digits') classifierTests();

    test('all this without an error in the console, and without a request to anyone', () => {
      expect(watched).toEqual({ errors: [], foreign: [] });
    });
  });
}

async function throughItsForm({ meta, model, behind, alone }: Place): Promise<void> {
  if (alone !== undefined) {
    await benchOnly(meta.title);
    await expect(page.getByRole('alert')).toContainText(lastSentence(alone));
    await expect(page.getByRole('button', { name: /^Run / })).toBeDisabled();
  }
  const titles = [...(behind ? [behind.title] : []), meta.title];
  await benchOnly(...titles);
  const at = titles.length;
  await expect(
    page.getByRole('listitem', { name: new RegExp(`^${at} ${meta.title}`) }),
  ).toBeVisible();
  for (const field of fieldsOf(meta)) await expect(controlOf(field.title)).toBeAttached();
  await makeQuick(meta);
  const before = await settledBytes(forecastCard(page));
  const atMost = await forecastCard(page).getByText('at most').isVisible();
  await run(page, meta.id);
  const bytes = await exactBytes(trialCard(page));
  if (atMost) expect(bytes).toBeLessThanOrEqual(before);
  else expect(bytes).toBe(before);
  await expect(trialCard(page)).toContainText('as forecast, to the byte');
  await expect(trialCard(page)).toContainText(model.quality);
  await expect(trialCard(page)).toContainText(/agree to [\d.]+e/);
  if (behind === undefined) expect(bytes < (await originalBytes())).toBe(isSmaller(meta));
}

/** What is on the form at once: options that others bring into effect come with them. */
function fieldsOf(meta: MethodMeta): readonly OptionField[] {
  return optionsForm(meta).filter(({ when }) => when === undefined);
}

/** Two steps of a training are as good as many for what is tested here. */
async function makeQuick(meta: MethodMeta): Promise<void> {
  const steps = fieldsOf(meta).find(({ name }) => name === 'steps');
  if (steps === undefined || !meta.needs.includes('training')) return;
  if (steps.advanced) await page.getByText('Advanced', { exact: true }).click();
  const field = page.getByRole('textbox', { name: `${steps.title}, value`, exact: true });
  await field.fill('2');
  await field.press('Tab');
  await expect(field).toHaveValue('2');
}

/**
 * Codes, ranks, sharing and cuts make a smaller file. A rotation or a training alone makes none, and single weights that are pruned
 * take as much room as before unless they are stored sparse. A cache is in no file.
 */
function isSmaller(meta: MethodMeta): boolean {
  const { family, pictures, needs, shrinks } = meta;
  if (shrinks === 'cache') return false;
  if (family === 'pruning') return pictures === 'none' && !needs.includes('training');
  // What leaves all numbers as they are stored has no word in the file's name.
  if (family === 'quantization') return 'suffix' in meta;
  return family === 'low-rank' || family === 'sharing';
}

/** Bytes of the open model, as the result says them on pointing at its size. */
async function originalBytes(): Promise<number> {
  const title = await trialCard(page).locator('[title$=" B"]').first().getAttribute('title');
  return Number(title?.replaceAll(/\D/g, ''));
}

/** The page says the beginning in its own words. */
function lastSentence(sentence: string): string {
  return sentence.split('. ').at(-1) ?? sentence;
}

function classifierTests(): void {
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
}

/** Empties the bench and adds steps from the menu of methods. */
async function benchOnly(...titles: readonly string[]): Promise<void> {
  const remove = page.getByRole('button', { name: 'Remove step' });
  while ((await remove.count()) > 0) await remove.first().click();
  for (const title of titles) await addStep(title);
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
