/** Steps are added from a list that holds any number of methods: searched, walked through, read aloud. */
import AxeBuilder from '@axe-core/playwright';
import { expect, test, type Page } from '@playwright/test';
import { allMetas } from '../../src/core/methods/catalog.ts';
import { FAMILIES } from '../../src/core/methods/families.ts';
import { openSample, watch, type Watched } from './support.ts';

test.describe.configure({ mode: 'serial' });

let page: Page;
let watched: Watched;

test.beforeAll(async ({ browser }) => {
  const context = await browser.newContext();
  page = await context.newPage();
  watched = watch(page);
  await openSample(page, 'Digits');
});

test.afterAll(() => page.context().close());

const button = () => page.getByRole('button', { name: 'Add step' });
const search = () => page.getByRole('combobox', { name: 'Search methods' });
/** Those of the list alone: the select of tasks has options too. */
const methods = () => page.getByRole('listbox').getByRole('option');

test('every method stands there once, under its family, with what it takes', async () => {
  await button().click();
  await expect(search()).toBeFocused();
  await expect(methods()).toHaveCount(allMetas().length);
  for (const { title, family, cost, plain } of allMetas()) {
    const group = page.getByRole('group', { name: FAMILIES[family] });
    const method = group.getByRole('option').filter({ hasText: plain });
    await expect(method).toContainText(title);
    await expect(method).toContainText(cost === 'low' ? 'quick' : 'slow');
  }
});

test('whoever cannot see it can use it, light and dark', async () => {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await page.keyboard.press('ArrowDown');
    const { violations } = await new AxeBuilder({ page }).include('[role="dialog"]').analyze();
    expect(violations.map(({ id, help }) => `${id}: ${help}`)).toEqual([]);
  }
  await page.emulateMedia({ colorScheme: null });
});

test('the keyboard alone: type, choose, and go on where one was', async () => {
  await page.keyboard.press('Escape');
  await expect(methods()).toHaveCount(0);
  await expect(button()).toBeFocused();
  const before = await page.getByRole('button', { name: 'Remove step' }).count();
  await page.keyboard.press('Enter');
  await expect(search()).toBeFocused();
  await page.keyboard.type('wanda');
  await expect(methods().first()).toContainText('Wanda');
  await expect(methods().first()).toHaveAttribute('data-highlighted', '');
  await page.keyboard.press('Enter');
  await expect(methods()).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Remove step' })).toHaveCount(before + 1);
  await expect(page.getByRole('listitem', { name: `${before + 1} Wanda` })).toBeVisible();
  await expect(button()).toBeFocused();

  await page.keyboard.press('Enter');
  await expect(search()).toHaveValue('');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  const second = allMetas()[1].title;
  await expect(page.getByRole('listitem', { name: `${before + 2} ${second}` })).toBeVisible();
});

test('words that no method says find none, and say so', async () => {
  await button().click();
  await search().fill('no method says this');
  await expect(methods()).toHaveCount(0);
  await expect(page.getByText('No method says that.')).toBeVisible();
  await page.keyboard.press('Escape');
});

test('all this without an error in the console, and without a request to anyone', () => {
  expect(watched).toEqual({ errors: [], foreign: [] });
});
