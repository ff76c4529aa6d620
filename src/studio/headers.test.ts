import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const read = (path: string): string =>
  readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

it('the security policy allows exactly the inline script that index.html has', () => {
  const scripts = [...read('index.html').matchAll(/<script>(.*?)<\/script>/gs)].map(
    ([, body]) => body,
  );
  const hashes = scripts.map(
    (body) => `'sha256-${createHash('sha256').update(body).digest('base64')}'`,
  );
  const policy = /Content-Security-Policy: (.*)/.exec(read('public/_headers'))?.[1] ?? '';
  expect(hashes).toHaveLength(1);
  expect(policy).toContain(`script-src 'self' 'wasm-unsafe-eval' ${hashes[0]};`);
  expect(policy).not.toContain("'unsafe-inline'");
  expect(policy).not.toContain("'unsafe-eval'");
});

it('the page is isolated, without which WASM has no threads', () => {
  const headers = read('public/_headers');
  expect(headers).toContain('Cross-Origin-Opener-Policy: same-origin');
  expect(headers).toContain('Cross-Origin-Embedder-Policy: require-corp');
});
