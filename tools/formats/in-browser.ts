/** The format probes in a real Chromium: WebGPU on the software adapter, and WASM as a page runs it. */
import { chromium, type Page } from '@playwright/test';
import { z } from 'zod';
import { CHROMIUM_FLAGS, ensureChromium } from '../chromium.ts';
import { pageServer } from '../page-server.ts';

const Answer = z.object({
  ok: z.boolean(),
  error: z.number().optional(),
  reason: z.string().optional(),
  wholly: z.boolean().optional(),
});

/** What one device says to one probe. */
export type BrowserAnswer = z.infer<typeof Answer>;

export interface BrowserAnswers {
  readonly browser: string;
  /** By probe id. */
  readonly wasm: ReadonlyMap<string, BrowserAnswer>;
  readonly webgpu: ReadonlyMap<string, BrowserAnswer>;
}

/** Asks every probe of both devices of a page. */
export async function askBrowser(ids: readonly string[]): Promise<BrowserAnswers> {
  const server = await pageServer();
  const browser = await chromium.launch({ executablePath: ensureChromium(), args: CHROMIUM_FLAGS });
  try {
    const page = await browser.newPage();
    const [url] = server.resolvedUrls?.local ?? [];
    await page.goto(`${url}tools/formats/page.html`);
    await page.waitForFunction('"ask" in globalThis');
    const answers = new Map<'wasm' | 'webgpu', Map<string, BrowserAnswer>>();
    for (const device of ['wasm', 'webgpu'] as const) {
      const given = new Map<string, BrowserAnswer>();
      for (const id of ids) given.set(id, await ask(page, device, id));
      answers.set(device, given);
    }
    const none = new Map<string, BrowserAnswer>();
    return {
      browser: `Chromium ${browser.version()}`,
      wasm: answers.get('wasm') ?? none,
      webgpu: answers.get('webgpu') ?? none,
    };
  } finally {
    await browser.close();
    await server.close();
  }
}

async function ask(page: Page, device: string, id: string): Promise<BrowserAnswer> {
  const call = `globalThis.ask(${JSON.stringify(device)}, ${JSON.stringify(id)})`;
  return Answer.parse(await page.evaluate(call));
}
