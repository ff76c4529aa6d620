import { describe, expect, it } from 'vitest';
import { offlineList } from '../../tools/offline-plugin.ts';
import { Keeper } from './keeper.ts';
import type { OfflineList } from './offline-list.ts';

const SCOPE = 'https://host/lathe/';
const HEADERS = { 'Cross-Origin-Embedder-Policy': 'require-corp' };

const STAYS = {
  'assets/ort-w1.wasm': 'runtime',
  'assets/ort.asyncify-w2.wasm': 'runtime for WebGPU',
  'samples/index.json': '{}',
  _headers: '/*',
  '404.html': 'page',
};
const BUILD = { ...STAYS, 'index.html': 'page 1', 'assets/index-a1.js': 'code 1' };
const NEXT = { ...STAYS, 'index.html': 'page 2', 'assets/index-a2.js': 'code 2' };

type Files = Readonly<Record<string, string>>;

function listOf(files: Files): OfflineList {
  const built = Object.entries(files).map(([path, content]) => ({ path, content }));
  return offlineList(built, HEADERS);
}

/** Just as much of the browser's cache storage as is used; bodies are kept as text. */
function fakeCaches(): CacheStorage {
  const all = new Map<string, Map<string, { body: string; headers: Headers }>>();
  const responseOf = (found: { body: string; headers: Headers } | undefined) =>
    found && new Response(found.body, { headers: found.headers });
  const open = async (name: string) => {
    const entries = all.get(name) ?? new Map<string, { body: string; headers: Headers }>();
    all.set(name, entries);
    return {
      match: async (address: string) => responseOf(entries.get(address)),
      put: async (address: string, response: Response) => {
        const { headers } = response;
        entries.set(address, { body: await response.text(), headers });
      },
      keys: async () => [...entries.keys()],
    };
  };
  return {
    open,
    keys: async () => [...all.keys()],
    delete: async (name: string) => all.delete(name),
    match: async (address: string) =>
      responseOf([...all.values()].find((entries) => entries.has(address))?.get(address)),
  } as unknown as CacheStorage;
}

class Server {
  readonly asked: string[] = [];
  gone = false;
  files: Files = BUILD;

  readonly fetch = async (input: RequestInfo | URL): Promise<Response> => {
    const address = typeof input === 'object' && 'url' in input ? input.url : String(input);
    if (this.gone) throw new TypeError('Failed to fetch');
    const path = address.slice(SCOPE.length);
    this.asked.push(path);
    const content = this.files[path === '' ? 'index.html' : path];
    return new Response(content ?? 'none', { status: content === undefined ? 404 : 200 });
  };
}

function setUp() {
  const server = new Server();
  const caches = fakeCaches();
  const keeper = (files: Files): Keeper =>
    new Keeper(listOf(files), { caches, fetch: server.fetch, scope: SCOPE });
  return { server, caches, keeper };
}

function get(path: string, mode: RequestMode = 'cors'): Request {
  // A page cannot make a request that is a navigation, and neither can a test.
  return { method: 'GET', url: SCOPE + path, mode } as Request;
}

async function textOf(answer: Promise<Response> | undefined): Promise<string | undefined> {
  return (await answer)?.text();
}

describe('what is kept', () => {
  it('is everything that is served, the large and the rare afterwards', () => {
    const { shell, later, webgpuOnly } = listOf(BUILD);
    expect(shell).toEqual(['assets/index-a1.js', '']);
    expect(later).toEqual([
      'assets/ort-w1.wasm',
      'assets/ort.asyncify-w2.wasm',
      'samples/index.json',
    ]);
    expect(webgpuOnly).toEqual(['assets/ort.asyncify-w2.wasm']);
  });

  it('has a version that changes with any byte of it', () => {
    const { version } = listOf(BUILD);
    expect(listOf({ ...BUILD }).version).toBe(version);
    expect(listOf({ ...BUILD, 'samples/index.json': '{ }' }).version).not.toBe(version);
    expect(listOf(NEXT).version).not.toBe(version);
  });
});

describe('Keeper', () => {
  it('answers page, code, runtime and samples when the network is gone', async () => {
    const { server, keeper } = setUp();
    const page = keeper(BUILD);
    await page.install();
    expect(await page.keepLater(false)).toBe(true);
    server.gone = true;
    expect(await textOf(page.answer(get('studio?x#y', 'navigate')))).toBe('page 1');
    expect(await textOf(page.answer(get('assets/index-a1.js')))).toBe('code 1');
    expect(await textOf(page.answer(get('assets/ort-w1.wasm')))).toBe('runtime');
    expect(await textOf(page.answer(get('samples/index.json')))).toBe('{}');
    await expect(page.answer(get('assets/ort.asyncify-w2.wasm'))).rejects.toThrow();
  });

  it('asks the network for the page first, and for what has a hash in its name never again', async () => {
    const { server, keeper } = setUp();
    const page = keeper(BUILD);
    await page.install();
    server.files = NEXT;
    server.asked.length = 0;
    expect(await textOf(page.answer(get('', 'navigate')))).toBe('page 2');
    expect(await textOf(page.answer(get('assets/index-a1.js')))).toBe('code 1');
    expect(server.asked).toEqual(['']);
  });

  it('keeps what is used before it was its turn', async () => {
    const { server, keeper } = setUp();
    const page = keeper(BUILD);
    await page.install();
    await page.answer(get('assets/ort-w1.wasm'));
    server.gone = true;
    expect(await textOf(page.answer(get('assets/ort-w1.wasm')))).toBe('runtime');
  });

  it('replaces the older version, without fetching what has not changed', async () => {
    const { server, caches, keeper } = setUp();
    const older = keeper(BUILD);
    await older.install();
    await older.keepLater(true);
    server.files = NEXT;
    server.asked.length = 0;
    const newer = keeper(NEXT);
    await newer.install();
    await newer.keepLater(true);
    expect(server.asked.sort()).toEqual(['', 'assets/index-a2.js', 'samples/index.json']);
    await newer.activate();
    expect(await caches.keys()).toEqual([`lathe ${SCOPE} ${listOf(NEXT).version}`]);
    server.gone = true;
    expect(await textOf(newer.answer(get('', 'navigate')))).toBe('page 2');
  });

  it('keeps nothing of a version that is incomplete', async () => {
    const { server, caches, keeper } = setUp();
    server.files = { 'index.html': 'page 1' };
    await expect(keeper(BUILD).install()).rejects.toThrow('assets/index-a1.js: 404');
    expect(await caches.keys()).toEqual([]);
  });

  it('knows which pages belong to it', () => {
    const { keeper } = setUp();
    expect(keeper(BUILD).owns(`${SCOPE}assets/index-a1.js`)).toBe(true);
    expect(keeper(NEXT).owns(`${SCOPE}assets/index-a1.js`)).toBe(false);
  });

  it('isolates the page where the host sends no headers', async () => {
    const { keeper } = setUp();
    const answer = await keeper(BUILD).answer(get('', 'navigate'));
    expect(answer?.headers.get('cross-origin-embedder-policy')).toBe('require-corp');
  });

  it('leaves other hosts, other methods and unknown files alone', () => {
    const { keeper } = setUp();
    const page = keeper(BUILD);
    expect(page.answer({ ...get(''), url: 'https://huggingface.co/x' })).toBeUndefined();
    expect(page.answer({ ...get(''), method: 'POST' })).toBeUndefined();
    expect(page.answer(get('unknown.txt'))).toBeUndefined();
  });
});
