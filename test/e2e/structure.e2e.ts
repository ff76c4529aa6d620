/**
 * What a model consists of, cut by click; tokens that go; which of two steps should go first; and
 * the pictures of weights, inputs and bits.
 */
import AxeBuilder from '@axe-core/playwright';
import { expect, test, type Page } from '@playwright/test';
import { SMALL_MODELS } from './small-models.ts';
import {
  finished,
  run,
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

test.beforeAll(async ({ browser }) => {
  page = await (await browser.newContext()).newPage();
  page.setDefaultTimeout(30_000);
  watched = watch(page);
});

test.afterAll(() => page.context().close());

const step = (name: string) => page.getByRole('listitem', { name });
const heads = (block: number) =>
  page.getByRole('group', { name: 'Attention heads' }).nth(block).getByRole('button');

async function axe(): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`)).toEqual([]);
}

async function add(title: string): Promise<void> {
  await page.getByRole('button', { name: 'Add step' }).click();
  await page
    .getByRole('option')
    .filter({ has: page.getByText(title, { exact: true }) })
    .click();
  await expect(page.getByRole('listbox')).toHaveCount(0);
}

async function emptyBench(): Promise<void> {
  const remove = page.getByRole('button', { name: 'Remove step' });
  while ((await remove.count()) > 0) await remove.first().click();
}

test('heads and blocks are chosen by pointer and by keys, and cut by one button', async () => {
  await SMALL_MODELS[1].open(page);
  await emptyBench();
  await showTab(page, 'Structure');
  await heads(0).nth(1).click();
  // Down to the next block's, then along.
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Space');
  await expect(heads(1).nth(2)).toHaveAttribute('aria-pressed', 'true');
  await page.getByRole('button', { name: 'Block 3', exact: true }).click();
  await expect(page.getByText('1 block and 2 heads chosen')).toBeVisible();
  await axe();
  await page.getByRole('button', { name: 'Cut these' }).click();
  await expect(page.getByText(/^4 blocks .* → 3 blocks /)).toBeVisible();
  await expect(step('1 ')).toContainText('without 2 heads of 2 attentions');
  await expect(step('2 ')).toContainText('without block 3');
  await expect(page.getByText('4 → 3', { exact: true })).toHaveCount(2);
  await axe();
});

test('what is chosen next joins what is cut already, and one undo takes it back', async () => {
  // What goes already cannot be chosen.
  await heads(0).nth(1).click({ force: true });
  await expect(heads(0).nth(1)).toHaveAttribute('aria-pressed', 'false');
  await page.getByRole('button', { name: 'Block 2', exact: true }).click();
  await page.getByRole('button', { name: 'Cut these' }).click();
  await expect(page.getByText(/^4 blocks .* → 2 blocks /)).toBeVisible();
  await expect(step('2 ')).toContainText('without blocks 2–3');
  await page.keyboard.press('ControlOrMeta+z');
  await expect(page.getByText(/^4 blocks .* → 3 blocks /)).toBeVisible();
  await page.keyboard.press('ControlOrMeta+z');
  await expect(page.getByRole('listitem', { name: /^1 / })).toHaveCount(0);
});

test('tokens that are taken out are listed once it is decided which, and searched', async () => {
  await add('Vocabulary');
  const list = page.getByRole('region', { name: 'Tokens taken out' });
  await expect(list).toHaveCount(0);
  await run(page, 'vocabulary');
  await expect(list.getByRole('heading')).toHaveText('Tokens taken out 120 of 160');
  await expect(list).toContainText('None of them occurs in calibration.txt.');
  await list.getByRole('searchbox').fill('w99');
  await expect(list.getByRole('row')).toHaveCount(2);
  await expect(list.getByRole('row').last()).toContainText(/^w9999/);
  await axe();
});

test('two orders are compared by one click, which can be cancelled and goes on', async () => {
  await SMALL_MODELS[0].open(page);
  await emptyBench();
  await add('Magnitude pruning');
  await expect(page.getByRole('button', { name: 'Compare orders' })).toHaveCount(0);
  await add('Feed-forward neurons');
  const card = page.getByRole('region', { name: 'Order of the steps' });
  await page.getByRole('button', { name: 'Compare orders' }).click();
  await expect(page.getByRole('contentinfo')).toContainText(/Run [234] of 4/, { timeout: RUN_MS });
  await page.keyboard.press('Escape');
  await expect(page.getByRole('contentinfo')).toContainText('Ready');
  await expect(card).toHaveCount(0);
  await page.getByRole('button', { name: 'Compare orders' }).click();
  await expect(card).toBeVisible({ timeout: RUN_MS });
  await finished(page, 'magnitude');
  const table = card.getByRole('table', { name: 'Order of the steps' });
  await expect(table.getByRole('rowheader')).toHaveText([
    '1 → 2',
    '2 → 1',
    '1 alone',
    '2 alone',
    'Both alone, added',
    '1 → 2 beyond that',
    '2 → 1 beyond that',
  ]);
  await expect(table.getByRole('row').last()).toContainText(/[\d.e−-]+ ± [\d.e-]+$/);
  await axe();
  await table.getByRole('button', { name: '2 alone' }).click();
  await expect(trialCard(page).getByRole('heading', { level: 3 })).toContainText('ffn-neurons');
});

test('ranges of inputs are dragged by keys, with the error moving, and become options of the step', async () => {
  await SMALL_MODELS[0].open(page);
  await emptyBench();
  await add('Static int8');
  await showTab(page, 'Weights');
  await page.getByRole('button', { name: 'Look at the inputs' }).click();
  const inputs = page.getByRole('region', { name: 'What the layer reads' });
  const beta = inputs.getByRole('slider', { name: 'β, largest number covered' });
  await expect(beta).toBeVisible({ timeout: RUN_MS });
  const before = Number(await beta.getAttribute('aria-valuenow'));
  const error = inputs.getByText('Rounding error').locator('xpath=ancestor::div[1]/dd');
  const automatic = await error.textContent();
  await beta.focus();
  for (let i = 0; i < 8; i += 1) await page.keyboard.press('Shift+ArrowLeft');
  await expect(inputs.getByText(/^These two numbers are options/)).toBeVisible();
  expect(Number(await beta.getAttribute('aria-valuenow'))).toBeLessThan(before);
  await expect(error).not.toHaveText(automatic ?? '');
  await expect(inputs.getByText(/no channel|channels? beyond/)).toBeVisible();
  await axe();
  await inputs.getByRole('button', { name: 'Back to automatic' }).click();
  await expect(error).toHaveText(automatic ?? '');
  await expect(inputs.getByText(/^Nothing is fixed/)).toBeVisible();
});

test('every grid has its values in the histogram, and its error against clip', async () => {
  await emptyBench();
  await add('Round to nearest');
  const curve = page.getByRole('img', { name: /^Relative error of rounding to 4 bits/ });
  await expect(curve).toBeVisible();
  await page.getByRole('group', { name: 'Histogram of' }).getByText('chosen block').click();
  await expect(page.getByText('Weights of the chosen block, on the values')).toBeVisible();
  await page.getByRole('group', { name: 'Errors counted by' }).getByText('outputs').click();
  await expect(page.getByText(/^Each weight’s error counts as much/)).toBeVisible();
});

test('what the file shall come to is one field; bits are shown by block and part', async () => {
  await emptyBench();
  await add('Round to nearest');
  await showTab(page, 'Size');
  await page.getByRole('group', { name: 'Show as' }).getByText('Bits').click();
  const cell = page.getByRole('table', { name: 'Bits of each layer' }).getByRole('button').first();
  await expect(cell).toHaveText('5');
  await cell.click();
  await page.keyboard.press('ArrowRight');
  await expect(cell).not.toBeFocused();
  const field = page.getByRole('textbox', { name: 'Fit into' });
  await field.fill('1 kB');
  await expect(page.getByText(/^The smallest possible is about /)).toBeVisible();
  await axe();
  await field.fill('2 %');
  await field.press('Enter');
  await expect(step('1 ')).toContainText('loss 0.02');
  const messages = page.getByRole('region', { name: 'Messages' });
  await expect(messages.getByText(/stands in place of Round to nearest/)).toBeVisible();
});

test('all this without an error in the console, and without a request to anyone', async () => {
  await expect(runButton(page)).toBeVisible();
  expect(watched).toEqual({ errors: [], foreign: [] });
});
