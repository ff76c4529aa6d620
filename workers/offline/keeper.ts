import type { OfflineList } from './offline-list.ts';

export interface KeeperHost {
  readonly caches: CacheStorage;
  readonly fetch: typeof fetch;
  /** Where the page is served, with a slash at its end. */
  readonly scope: string;
}

/** Build tools put the hash of the content into these names: what is kept once is right for ever. */
const HASHED = /^assets\//;

/** How long a page or sample may take to come from the network while a kept one is there. */
const PATIENCE_MS = 4000;

/** Keeps one version of the page and answers from it; see {@link OfflineList}. */
export class Keeper {
  private readonly family: string;
  private readonly name: string;
  private readonly listed: ReadonlySet<string>;

  constructor(
    private readonly list: OfflineList,
    private readonly host: KeeperHost,
  ) {
    this.family = `lathe ${host.scope} `;
    this.name = this.family + list.version;
    this.listed = new Set([...list.shell, ...list.later]);
  }

  /** Keeps the shell, all of it or nothing: half a page helps nobody. */
  async install(): Promise<void> {
    const cache = await this.host.caches.open(this.name);
    try {
      await Promise.all(this.list.shell.map((path) => this.keep(cache, path)));
    } catch (error) {
      await this.host.caches.delete(this.name);
      throw error;
    }
  }

  /** Other versions go. */
  async activate(): Promise<void> {
    for (const name of await this.host.caches.keys()) {
      if (name.startsWith(this.family) && name !== this.name) await this.host.caches.delete(name);
    }
  }

  /** Keeps samples and runtime too, one after the other; resolves to whether all of it is here. */
  async keepLater(webgpu: boolean): Promise<boolean> {
    const cache = await this.host.caches.open(this.name);
    const wanted = this.list.later.filter((path) => webgpu || !this.list.webgpuOnly.includes(path));
    let complete = true;
    for (const path of wanted) {
      try {
        await this.keep(cache, path);
      } catch {
        // The network went away, or storage is full: the next visit goes on here.
        complete = false;
      }
    }
    return complete;
  }

  /** Whether a page that was started by this script belongs to this version. */
  owns(address: string): boolean {
    const path = this.pathOf(address);
    return path !== undefined && this.list.shell.includes(path);
  }

  /** `undefined`: none of our business, the browser asks the network as ever. */
  answer(request: Request): Promise<Response> | undefined {
    const path = this.pathOf(request.url);
    if (request.method !== 'GET' || path === undefined) return undefined;
    if (request.mode === 'navigate') return this.newest(request, '');
    if (HASHED.test(path)) return this.kept(request, path);
    return this.listed.has(path) ? this.newest(request, path) : undefined;
  }

  /** What cannot have changed comes from the cache, of whichever version. */
  private async kept(request: Request, path: string): Promise<Response> {
    const found = await this.host.caches.match(this.addressOf(path), MATCH);
    if (found !== undefined) return found;
    const response = await this.host.fetch(request);
    if (response.ok && this.listed.has(path)) await this.put(path, response.clone());
    return this.secured(response);
  }

  /** The network first, so that a page is never stale; what is kept when there is none. */
  private async newest(request: Request, path: string): Promise<Response> {
    const cache = await this.host.caches.open(this.name);
    const kept = await cache.match(this.addressOf(path), MATCH);
    const asked = this.host.fetch(request);
    if (kept === undefined) return this.secured(await asked);
    const late = new Promise<Response>((resolve) => setTimeout(resolve, PATIENCE_MS, kept));
    const answered = asked.then(
      (response) => (response.status < 500 ? this.secured(response) : kept),
      () => kept,
    );
    return Promise.race([answered, late]);
  }

  private async keep(cache: Cache, path: string): Promise<void> {
    const address = this.addressOf(path);
    if ((await cache.match(address, MATCH)) !== undefined) return;
    const older = HASHED.test(path) ? await this.host.caches.match(address, MATCH) : undefined;
    // Names without a hash may be in the browser's own cache with older content.
    const response =
      older ??
      (await this.host.fetch(address, { cache: HASHED.test(path) ? 'default' : 'no-cache' }));
    if (!response.ok) throw new Error(`${address}: ${response.status}`);
    await cache.put(address, this.secured(response));
  }

  private async put(path: string, response: Response): Promise<void> {
    const cache = await this.host.caches.open(this.name);
    // A full disk is no reason to withhold what just arrived.
    await cache.put(this.addressOf(path), this.secured(response)).catch(() => undefined);
  }

  /** Hosts that send no headers of their own get the page's: isolation (threads) and the strict policy. */
  private secured(response: Response): Response {
    const redirect = response.status === 0;
    if (redirect || response.headers.has('cross-origin-embedder-policy')) return response;
    const headers = new Headers(response.headers);
    for (const [name, value] of Object.entries(this.list.headers)) headers.set(name, value);
    const { status, statusText } = response;
    return new Response(response.body, { status, statusText, headers });
  }

  private addressOf(path: string): string {
    return this.host.scope + path;
  }

  private pathOf(address: string): string | undefined {
    if (!address.startsWith(this.host.scope)) return undefined;
    return address.slice(this.host.scope.length).replace(/[?#].*$/s, '');
  }
}

const MATCH = { ignoreVary: true, ignoreSearch: true } as const;
