/** After the first visit the page works without a network (DESIGN §1.4), from a server that is really gone. */
import { expect, test, type Page } from '@playwright/test';
import { preview, type PreviewServer } from 'vite';
import { finished, forecastCard, run, runButton, showTab, takePreset } from './support.ts';

test.describe.configure({ mode: 'serial' });

/** A server of this file's own: it is stopped on the way. */
const PORT = Number(process.env['LATHE_TEST_PORT'] ?? 4179) + 1;
const URL_OF_PAGE = `http://localhost:${PORT}/`;

let server: PreviewServer | undefined;
let page: Page;

/** Answers tell which server they come from. */
async function serve(generation: string): Promise<void> {
  server = await preview({
    preview: { port: PORT, strictPort: true },
    logLevel: 'error',
    plugins: [
      {
        name: 'generation',
        configurePreviewServer({ middlewares }) {
          middlewares.use((_request, response, next) => {
            response.setHeader('X-Generation', generation);
            next();
          });
        },
      },
    ],
  });
}

async function stop(): Promise<void> {
  const { httpServer } = server ?? {};
  if (httpServer !== undefined && 'closeAllConnections' in httpServer)
    httpServer.closeAllConnections();
  await server?.close();
  server = undefined;
}

test.beforeAll(async ({ browser }) => {
  await serve('first');
  page = await (await browser.newContext()).newPage();
  page.setDefaultTimeout(30_000);
});

test.afterAll(async () => {
  await page.context().close();
  await stop();
});

test('the first visit keeps everything, after the page is there', async () => {
  await page.goto(URL_OF_PAGE);
  await expect(page.getByRole('button', { name: 'Open sample Digits' })).toBeVisible();
  await expect(page.getByText('Works offline')).toBeVisible({ timeout: 60_000 });
});

test('the server gone before anything was opened: a sample opens and a recipe runs', async () => {
  await stop();
  await expect(fetch(URL_OF_PAGE)).rejects.toThrow();
  await page.getByRole('button', { name: 'Open sample Digits' }).click();
  await expect(forecastCard(page)).toBeVisible({ timeout: 60_000 });
  await takePreset(page, '8-bit');
  await run(page, 'q8');
  for (const tab of ['Frontier', 'Layers', 'Weights', 'Try it', 'Size']) await showTab(page, tab);
});

test('the server gone: a deep link is the page, isolated, with its policy, and runs', async () => {
  const answer = await page.goto(`${URL_OF_PAGE}studio`);
  expect(answer?.fromServiceWorker()).toBe(true);
  expect(answer?.headers()['content-security-policy']).toContain("script-src 'self'");
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  await expect(runButton(page)).toBeEnabled({ timeout: 60_000 });
  await takePreset(page, '4-bit');
  await page.keyboard.press('ControlOrMeta+Enter');
  await finished(page, 'q4');
});

test('the server back: the page comes from it, not from what is kept', async () => {
  await serve('second');
  const answer = await page.goto(URL_OF_PAGE);
  expect(answer?.headers()['x-generation']).toBe('second');
  await expect(page.getByText('Works offline')).toBeVisible({ timeout: 60_000 });
  expect(await page.evaluate(async () => (await caches.keys()).length)).toBe(1);
});
