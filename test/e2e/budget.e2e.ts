/** What the first visit costs, and what the page may never do. Read from the build that is served. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from '@playwright/test';
import { openSample, watch } from './support.ts';

const DIST = process.env['LATHE_DIST'] ?? 'dist';
const KILOBYTE = 1000;

interface Chunk {
  readonly file: string;
  readonly imports?: readonly string[];
  readonly css?: readonly string[];
}

const manifest = JSON.parse(readFileSync(join(DIST, '.vite/manifest.json'), 'utf8')) as Readonly<
  Record<string, Chunk>
>;

/** Files of a chunk and of all it imports statically. */
function filesOf(key: string, seen = new Set<string>()): Set<string> {
  const { file, imports = [], css = [] } = manifest[key];
  const files = new Set([file, ...css]);
  if (seen.has(key)) return files;
  seen.add(key);
  for (const other of imports) for (const found of filesOf(other, seen)) files.add(found);
  return files;
}

function gzipped(files: Iterable<string>): number {
  return [...files].reduce((sum, file) => sum + gzipSync(readFileSync(join(DIST, file))).length, 0);
}

test('the shell and the editor stay within their budgets', () => {
  const shell = filesOf('index.html');
  // The editor renders once the methods' words are there too.
  const needed = [
    'src/studio/screens/studio/studio-screen.tsx',
    'src/studio/recipe/registry-cards.ts',
  ].flatMap((key) => [...filesOf(key)]);
  const editor = new Set(needed.filter((file) => !shell.has(file)));
  const kilobytes = [gzipped(shell), gzipped(editor)].map((bytes) => bytes / KILOBYTE);
  console.log(`shell ${kilobytes[0].toFixed(1)} kB, editor ${kilobytes[1].toFixed(1)} kB, gzipped`);
  expect(kilobytes[0]).toBeLessThan(150);
  expect(kilobytes[1]).toBeLessThan(350);
});

test('the first paint waits for no runtime, and nothing ever leaves this host', async ({
  page,
}) => {
  const watched = watch(page);
  const asked: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await page.addInitScript(() => {
    addEventListener('securitypolicyviolation', (event) => {
      console.error(`refused by policy: ${event.violatedDirective} ${event.blockedURI}`);
    });
  });
  const answer = await page.goto('/');
  expect(answer?.headers()['content-security-policy']).toContain("script-src 'self'");
  expect(answer?.headers()['content-security-policy']).toContain("object-src 'none'");
  await expect(page.getByRole('button', { name: 'Open sample Stories' })).toBeVisible();
  const painted = await page.evaluate(async () => {
    const [paint] = performance.getEntriesByName('first-contentful-paint');
    const resources = performance.getEntriesByType('resource');
    const runtime = resources.filter(({ name }) => /\.wasm|ort[.-]/.test(name));
    return {
      at: paint.startTime,
      runtime: runtime.map(({ name, startTime }) => [name, startTime]),
    };
  });
  const early = painted.runtime.filter(([, start]) => Number(start) < painted.at);
  expect(early).toEqual([]);
  expect(asked.filter((path) => path.endsWith('.wasm'))).toEqual([]);
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);

  await openSample(page, 'Digits');
  for (const tab of ['Frontier', 'Layers', 'Weights', 'Try it', 'Size']) {
    await page.getByRole('tab', { name: tab }).click();
  }
  expect(watched).toEqual({ errors: [], foreign: [] });
});
