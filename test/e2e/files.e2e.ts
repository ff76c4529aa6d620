/** Files in and out: what cannot be opened, links, undo, the zip, and a model that comes alone. */
import { readFileSync } from 'node:fs';
import { expect, test, type Page } from '@playwright/test';
import { unzipSync } from 'fflate';
import { writeModel } from '../../src/core/onnx/write.ts';
import { openVit } from '../support/tiny-vit.ts';
import {
  download,
  drop,
  exactBytes,
  settledBytes,
  fewStories,
  forecastCard,
  openSample,
  run,
  RUN_MS,
  runButton,
  takePreset,
  trialCard,
} from './support.ts';

test.describe.configure({ mode: 'serial' });

let page: Page;

test.beforeAll(async ({ browser }) => {
  const context = await browser.newContext({
    acceptDownloads: true,
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  page = await context.newPage();
  page.setDefaultTimeout(30_000);
});

test.afterAll(() => page.context().close());

const digits = readFileSync('public/samples/digits/model.onnx');

const BAD = [
  {
    name: 'tiny.gguf',
    bytes: 'GGUF\x03\0\0\0\0\0\0\0',
    sentence:
      '"tiny.gguf" is a GGUF file, which holds weights but no graph; choose the ONNX export of the same model.',
  },
  {
    name: 'model.onnx',
    bytes: '<!doctype html><title>Sign in</title>',
    sentence:
      '"model.onnx" is a web page, not a model; the download probably returned an error or a login page, so download the file itself.',
  },
  {
    name: 'lfs.onnx',
    bytes: 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 12\n',
    sentence:
      '"lfs.onnx" is a Git LFS pointer, not the model itself; run "git lfs pull" or download the file from its page.',
  },
  {
    name: 'half.onnx',
    bytes: digits.subarray(0, digits.length / 2),
    sentence:
      /^"[^"]+" cannot be read\. The file ends inside a field at byte \d+, so a part of the model is missing; download or export it again\.$/,
  },
] as const;

test('what is no model gets one sentence on Start, and the page stays usable', async () => {
  await page.goto('/');
  for (const { name, bytes, sentence } of BAD) {
    await drop(page, [{ name, bytes }]);
    await expect(page.getByRole('alert').locator('p')).toHaveText(sentence);
  }
  await openSample(page, 'Digits');
  await expect(page.getByRole('alert')).toHaveCount(0);
});

test('with a model open the sentence comes to the user, and the model stays', async () => {
  const [{ name, bytes, sentence }] = BAD;
  await drop(page, [{ name, bytes }]);
  await expect(page.getByRole('listitem').filter({ hasText: sentence })).toBeVisible();
  await expect(page.getByRole('banner')).toContainText('digits');
  await page.getByRole('button', { name: 'Dismiss' }).click();
});

test('a recipe with a mistake is refused with the nearest valid name', async () => {
  const recipe = { version: 1, steps: [{ method: 'gptqq' }] };
  await drop(page, [{ name: 'recipe.json', bytes: JSON.stringify(recipe) }]);
  await expect(page.getByText('did you mean "gptq"').last()).toBeVisible();
  await page.getByRole('button', { name: 'Dismiss' }).click();
});

test('undo and redo, by button and by keyboard', async () => {
  await takePreset(page, '4-bit');
  const four = await settledBytes(forecastCard(page));
  const bits = page.getByRole('slider', { name: 'Bits' });
  await bits.press('End');
  await expect.poll(() => exactBytes(forecastCard(page))).toBeGreaterThan(four);
  const eight = await settledBytes(forecastCard(page));
  await page.getByRole('button', { name: 'Undo recipe change' }).click();
  await expect.poll(() => exactBytes(forecastCard(page))).toBe(four);
  await page.getByRole('button', { name: 'Redo recipe change' }).click();
  await expect.poll(() => exactBytes(forecastCard(page))).toBe(eight);
  await page.keyboard.press('ControlOrMeta+z');
  await expect.poll(() => exactBytes(forecastCard(page))).toBe(four);
  await page.keyboard.press('ControlOrMeta+Shift+z');
  await expect.poll(() => exactBytes(forecastCard(page))).toBe(eight);
});

test('a share link opens model and recipe elsewhere', async ({ browser }) => {
  await page.keyboard.press('ControlOrMeta+k');
  await page.getByRole('combobox', { name: 'Search commands' }).fill('share link');
  await page.keyboard.press('Enter');
  await expect(page.getByText(/^Link copied/).last()).toBeVisible();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  expect(link).toMatch(/[#&]r=/);
  const size = await exactBytes(forecastCard(page));
  const friend = await browser.newPage();
  await friend.goto(link);
  await expect(friend.getByRole('banner')).toContainText('digits', { timeout: 60_000 });
  await expect(friend.getByRole('listitem', { name: '1 Round to nearest' })).toContainText(
    '8 bits',
  );
  await expect.poll(() => exactBytes(forecastCard(friend))).toBe(size);
  await friend.close();
});

test('a model that comes alone is scored on fidelity, never quality', async () => {
  await drop(page, [{ name: 'alone.onnx', bytes: digits }]);
  await expect(page.getByRole('banner')).toContainText('alone', { timeout: 60_000 });
  await takePreset(page, 'Half precision');
  await run(page, 'fp16');
  await expect(trialCard(page)).toContainText('this is fidelity, not quality');
  await expect(trialCard(page)).not.toContainText('Accuracy');
});

test('a file that cannot be measured is finished all the same, and says why', async () => {
  // The config of another model: made-up images do not fit the positions.
  const config = new TextEncoder().encode('{"image_size": 20}');
  await drop(page, [
    { name: 'images.onnx', bytes: await writeModel(openVit()) },
    { name: 'config.json', bytes: config },
  ]);
  await expect(page.getByRole('banner')).toContainText('images', { timeout: 60_000 });
  await takePreset(page, 'Half precision');
  await expect(runButton(page)).toBeEnabled({ timeout: 60_000 });
  await runButton(page).click();
  await expect(trialCard(page)).toContainText('quality not measured (', { timeout: RUN_MS });
  await expect(trialCard(page).getByRole('heading', { level: 3 })).toContainText('Not verified');
  await expect(page.getByRole('alert')).toHaveCount(0);
  const { bytes } = await download(page, () =>
    trialCard(page).getByRole('button', { name: 'Export' }).click(),
  );
  expect(bytes.length).toBe(await exactBytes(trialCard(page)));
});

test('the zip is a folder that transformers.js loads', async () => {
  await openSample(page, 'Stories');
  await drop(page, [{ name: 'evaluation.txt', bytes: fewStories(2) }]);
  await expect(page.getByText('Added evaluation.txt to the open model.').last()).toBeVisible();
  await takePreset(page, '4-bit');
  await run(page, 'q4');
  const { name, bytes } = await download(page, () =>
    page.getByRole('button', { name: 'Zip for transformers.js' }).click(),
  );
  expect(name).toBe('stories-q4.zip');
  const files = unzipSync(bytes);
  expect(Object.keys(files)).toEqual(
    expect.arrayContaining(['onnx/model_q4.onnx', 'config.json', 'tokenizer.json', 'README.md']),
  );
  expect(files['onnx/model_q4.onnx'].length).toBe(await exactBytes(trialCard(page)));
  const config = readFileSync('public/samples/stories/config.json');
  expect(Buffer.from(files['config.json']).equals(config)).toBe(true);
});
