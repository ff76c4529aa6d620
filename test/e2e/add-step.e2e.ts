/** Steps are added from a list that holds any number of methods: searched, walked through, read aloud. */
import AxeBuilder from '@axe-core/playwright';
import { expect, test, type Page } from '@playwright/test';
import { allMetas } from '../../src/core/methods/catalog.ts';
import { FAMILIES } from '../../src/core/methods/families.ts';
import {
  openSample,
  openStartMenu,
  openStep,
  runButton,
  startButton,
  takePreset,
  watch,
  type Watched,
} from './support.ts';

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

async function add(title: string): Promise<void> {
  await button().click();
  await search().fill(title);
  await page.keyboard.press('Enter');
  await expect(methods()).toHaveCount(0);
}

const button = () => page.getByRole('button', { name: 'Add step' });
const search = () => page.getByRole('combobox', { name: 'Search methods' });
// The task of the model is a select of its own, with options as well.
const steps = () => page.getByRole('listitem', { name: /^\d+ / });
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
  const before = await steps().count();
  await page.keyboard.press('Enter');
  await expect(search()).toBeFocused();
  await page.keyboard.type('wanda');
  await expect(methods().first()).toContainText('Wanda');
  await expect(methods().first()).toHaveAttribute('data-highlighted', '');
  await page.keyboard.press('Enter');
  await expect(methods()).toHaveCount(0);
  await expect(steps()).toHaveCount(before + 1);
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

test('Run says why it waits, leads to the step, and offers what mends it', async () => {
  await takePreset(page, '8-bit');
  await add('De-duplicate');
  const reason = page.getByRole('alert');
  await expect(reason).toContainText(
    'Step 2, De-duplicate, must come before step 1 (Round to nearest).',
  );
  await expect(runButton(page)).toBeDisabled();
  await expect(runButton(page)).toHaveAccessibleDescription(/must come before step 1/);
  await openStep(page, '1 Round to nearest');
  await reason.getByRole('button', { name: /^Step 2/ }).click();
  const head = page.getByRole('listitem', { name: '2 De-duplicate' }).getByRole('heading');
  await expect(head.getByRole('button')).toBeFocused();
  await expect(head.getByRole('button')).toHaveAttribute('aria-expanded', 'true');
  await reason.getByRole('button', { name: 'Move it' }).click();
  await expect(page.getByRole('listitem', { name: '1 De-duplicate' })).toBeVisible();
  await expect(reason).toHaveCount(0);
  await expect(runButton(page)).toBeEnabled();
});

test('a step moves by its grip and by keys; a drag is one change', async () => {
  const grip = page.getByRole('listitem', { name: '1 De-duplicate' }).locator('[data-grip]');
  const [from, to] = [await grip.boundingBox(), await steps().last().boundingBox()];
  if (from === null || to === null) throw new Error('the cards have no boxes');
  await page.mouse.move(from.x + 8, from.y + 8);
  await page.mouse.down();
  await page.mouse.move(from.x + 8, to.y + to.height - 4, { steps: 8 });
  await page.mouse.up();
  await expect(page.getByRole('listitem', { name: '2 De-duplicate' })).toBeVisible();
  await page.getByRole('button', { name: /^Undo/ }).click();
  await expect(page.getByRole('listitem', { name: '1 De-duplicate' })).toBeVisible();
  const head = (name: string) =>
    page.getByRole('listitem', { name }).getByRole('heading').getByRole('button');
  await head('1 De-duplicate').focus();
  await page.keyboard.press('Alt+ArrowDown');
  await expect(head('2 De-duplicate')).toBeFocused();
  await page.keyboard.press('Alt+ArrowUp');
  await expect(head('1 De-duplicate')).toBeFocused();
});

test('a recipe gets a name, becomes the default, and outlives a reload with its history', async () => {
  const menu = await openStartMenu(page);
  await expect(menu.getByRole('button', { name: 'Tiny', exact: true })).toContainText('kB');
  await menu.getByRole('button', { name: 'Save as…' }).click();
  await menu.getByRole('textbox', { name: 'Name of the recipe' }).fill('mine');
  await page.keyboard.press('Enter');
  await menu.getByRole('button', { name: 'Make mine the default for new models' }).click();
  await page.keyboard.press('Escape');
  await expect(startButton(page)).toContainText('mine');
  await takePreset(page, '4-bit');
  await page.reload();
  await expect(startButton(page)).toContainText('4-bit', { timeout: 60_000 });
  await page.getByRole('button', { name: /^Undo/ }).click();
  await expect(startButton(page)).toContainText('mine');
  await expect(page.getByRole('listitem', { name: '1 De-duplicate' })).toBeVisible();
  await takePreset(page, 'Tiny');

  await page.getByRole('link', { name: 'Lathe' }).click();
  await page.getByRole('button', { name: 'Open sample Stories' }).click();
  await expect(startButton(page)).toContainText('mine', { timeout: 60_000 });
  await page.getByRole('button', { name: /^Undo/ }).first().click();
  await expect(startButton(page)).toContainText('Tiny');

  await (await openStartMenu(page)).getByRole('button', { name: 'Delete mine' }).click();
  await expect(page.getByText('mine is deleted.').last()).toBeVisible();
  await page.getByRole('button', { name: 'Undo', exact: true }).last().click();
  await expect((await openStartMenu(page)).getByText('default for new models')).toBeVisible();
  await page.keyboard.press('Escape');
});

test('all this without an error in the console, and without a request to anyone', () => {
  expect(watched).toEqual({ errors: [], foreign: [] });
});
