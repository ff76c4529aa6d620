/** The caches that the offline worker keeps begin like this. */
const FAMILY = 'lathe ';

type Kept = 'samples' | 'app';

function kindOf(url: string): Kept {
  return /\/samples\//.test(new URL(url).pathname) ? 'samples' : 'app';
}

async function* kept(): AsyncGenerator<readonly [Cache, Request]> {
  if (typeof caches === 'undefined') return;
  const names = await caches.keys().catch(() => []);
  for (const name of names.filter((one) => one.startsWith(FAMILY))) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) yield [cache, request];
  }
}

/** What is kept so that the page works without a network. */
export async function offlineBytes(): Promise<ReadonlyMap<Kept, number>> {
  const bytes = new Map<Kept, number>();
  for await (const [cache, request] of kept()) {
    const kind = kindOf(request.url);
    bytes.set(kind, (bytes.get(kind) ?? 0) + (await sizeOf(await cache.match(request))));
  }
  return bytes;
}

async function sizeOf(response: Response | undefined): Promise<number> {
  // Lengths of headers are those of what came over the network, compressed.
  return response === undefined ? 0 : (await response.blob()).size;
}

export async function clearOffline(kind: Kept): Promise<void> {
  for await (const [cache, request] of kept()) {
    if (kindOf(request.url) === kind) await cache.delete(request);
  }
}
