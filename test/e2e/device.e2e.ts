/** Which device computes, why, and the one switch. The software adapter of tests is taken only when told to. */
import { expect, test, type Page } from '@playwright/test';
import { journeyFolder } from '../support/page-journey.ts';
import { drop, run, runButton, takePreset, trialCard, watch, type DroppedFile } from './support.ts';

test('a software adapter computes only when the address says so, and the result names it', async ({
  page,
}) => {
  const watched = watch(page);
  await page.goto('/');
  await expect(chip(page)).toContainText('WASM', { timeout: 30_000 });
  await expect(facts(page)).toContainText('is slow software');
  await page.goto('/?device=webgpu');
  await expect(chip(page)).toHaveText('WebGPU', { timeout: 60_000 });
  await expect(facts(page)).toContainText('because you chose it');
  await drop(page, await tinyFiles());
  await expect(runButton(page)).toBeVisible({ timeout: 60_000 });
  await takePreset(page, '4-bit');
  await run(page, 'q4');
  await expect(trialCard(page)).toContainText('Latency, WebGPU');
  await expect(trialCard(page)).toContainText('Computed on');
  expect(watched.errors).toEqual([]);
});

test('reproducible is one switch, and is remembered', async ({ page }) => {
  await page.goto('/?device=webgpu');
  await expect(chip(page)).toHaveText('WebGPU', { timeout: 60_000 });
  await chip(page).click();
  const reproducible = page.getByRole('switch', { name: 'Reproducible (WebAssembly)' });
  await expect(reproducible).not.toBeChecked();
  await reproducible.check();
  await expect(chip(page)).toContainText('WASM');
  await page.goto('/');
  await expect(chip(page)).toContainText('WASM', { timeout: 30_000 });
  await expect(facts(page)).toContainText('because you chose it');
  await chip(page).click();
  await expect(reproducible).toBeChecked();
});

function chip(page: Page) {
  return page.getByRole('banner').locator('details > summary');
}

function facts(page: Page) {
  return page.getByRole('banner').locator('details');
}

async function tinyFiles(): Promise<DroppedFile[]> {
  const { files } = await journeyFolder();
  return Promise.all(
    files.map(async ({ path, source }) => ({
      name: path,
      bytes: await source.read(0, source.byteLength),
    })),
  );
}
