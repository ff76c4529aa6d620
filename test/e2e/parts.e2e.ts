/** A folder of several parts: told, switched, run with one recipe, and taken home in its layout. */
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test, type Locator, type Page } from '@playwright/test';
import { unzipSync } from 'fflate';
import { readAll } from '../../src/engine/model/folder.ts';
import { tinyDecoder, tinyEncoder, tinyPartsFolder } from '../support/tiny-parts.ts';
import { download, drop, finished, runButton, takePreset, trialCard, watch } from './support.ts';

test.describe.configure({ mode: 'serial' });

let page: Page;
let watched: ReturnType<typeof watch>;

test.beforeAll(async ({ browser }) => {
  page = await (await browser.newContext({ acceptDownloads: true })).newPage();
  page.setDefaultTimeout(30_000);
  watched = watch(page);
});

test.afterAll(() => page.context().close());

const panel = () => page.getByRole('region', { name: 'Parts' });

async function axe(): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`)).toEqual([]);
}

/** Pixels by which a card is narrower than what stands in it. */
function overflow(card: Locator): Promise<number> {
  return card.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth);
}

test('a folder shows its parts with roles, types and sizes, the open one marked', async () => {
  const folder = await tinyPartsFolder({
    'decoder_model.onnx': tinyDecoder(),
    'decoder_model_fp16.onnx': tinyDecoder(),
    'decoder_with_past_model.onnx': tinyDecoder(),
    'encoder_model.onnx': tinyEncoder(),
  });
  const files = folder.files.map(async (file) => ({ name: file.path, bytes: await readAll(file) }));
  await page.goto('/');
  await drop(page, await Promise.all(files));
  await expect(panel()).toBeVisible({ timeout: 60_000 });
  await expect(panel().getByRole('listitem').filter({ visible: true })).toHaveText([
    /^Decoderdecoder_model\d.*kBfp32 · open$/,
    /^Decoder with cachedecoder_with_past_model.*fp32$/,
    /^Encoderencoder_model.*fp32$/,
  ]);
  await expect(page.getByRole('banner')).toContainText('decoder_model');
  await panel().getByText('1 more file').click();
  await expect(panel().getByRole('button', { name: 'Open decoder_model_fp16' })).toBeVisible();
  await panel().getByText('1 more file').click();
  await axe();
});

test('another part opens by keyboard, and stays chosen beside', async () => {
  await panel().getByRole('button', { name: 'Open encoder_model' }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('banner')).toContainText('encoder_model');
  const open = panel().getByRole('button', { name: 'Open encoder_model' });
  await expect(open).toHaveAttribute('aria-current', 'true');
  await expect(panel().getByRole('checkbox', { name: 'Run on encoder_model' })).toBeDisabled();
});

test('one recipe runs on several, and the result counts each and all', async () => {
  await takePreset(page, '4-bit');
  await expect(runButton(page)).not.toContainText('parts');
  await panel().getByRole('checkbox', { name: 'Run on decoder_model' }).first().press('Space');
  await expect(runButton(page)).toHaveText(/^Run on 2 parts/);
  await expect(runButton(page)).toBeEnabled({ timeout: 60_000 });
  await runButton(page).click();
  await finished(page, 'q4');
  const table = trialCard(page).getByRole('table', { name: 'All parts of this run' });
  await expect(table.getByRole('rowheader')).toHaveText(['Decoder', 'Encoder', 'All parts']);
  await expect(trialCard(page)).toContainText('Of encoder_model alone');
  await expect.poll(() => overflow(trialCard(page))).toBeLessThanOrEqual(0);
  await axe();
});

test('the zip keeps the layout, with what a loader needs beside', async () => {
  const { name, bytes } = await download(page, () =>
    page.getByRole('button', { name: 'Zip for transformers.js' }).click(),
  );
  expect(name).toMatch(/-q4\.zip$/);
  const files = unzipSync(bytes);
  expect(Object.keys(files).sort()).toEqual([
    'README.md',
    'config.json',
    'lathe-report.decoder_model_q4.json',
    'lathe-report.encoder_model_q4.json',
    'onnx/decoder_model_q4.onnx',
    'onnx/decoder_with_past_model.onnx',
    'onnx/encoder_model_q4.onnx',
    'tokenizer.json',
    'tokenizer_config.json',
  ]);
  expect(files['onnx/decoder_with_past_model.onnx'].length).toBeGreaterThan(1000);
  expect(watched.errors).toEqual([]);
});

test('all at once, by one button', async () => {
  await panel().getByRole('button', { name: 'Choose all' }).click();
  await expect(runButton(page)).toHaveText(/^Run on 3 parts/);
  await panel().getByRole('button', { name: 'Only the open one' }).click();
  await expect(runButton(page)).not.toContainText('parts');
});

test('a repository of several files asks which, and can be left', async () => {
  const listing = [
    ['config.json', 100],
    ['onnx/decoder_model_merged.onnx', 4000],
    ['onnx/decoder_model_merged_q4.onnx', 1000],
    ['onnx/encoder_model.onnx', 2000],
  ].map(([path, size]) => ({ type: 'file', path, size, oid: '' }));
  await page.route('https://huggingface.co/**', (route) => route.fulfill({ json: listing }));
  await page.goto('/');
  await page.getByLabel('Address or Hugging Face repository').fill('org/parts');
  await page.getByRole('button', { name: 'Open', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Which files of org/parts?' });
  await expect(dialog.getByRole('checkbox')).toHaveCount(2);
  await expect(dialog.getByRole('checkbox', { checked: true })).toHaveCount(2);
  await expect(dialog.getByRole('button', { name: 'Open 6.00 kB' })).toBeVisible();
  await dialog.getByRole('combobox', { name: 'Type of decoder_model_merged' }).click();
  await page.getByRole('option', { name: 'q4 · 1.00 kB' }).click();
  await expect(dialog.getByRole('button', { name: 'Open 3.00 kB' })).toBeVisible();
  await axe();
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
  await expect(page.getByRole('heading', { name: 'Drop a model anywhere' })).toBeVisible();
  await expect(page.getByRole('alert')).toHaveCount(0);
});
