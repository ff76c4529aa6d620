/**
 * The service worker: after the first visit the page works without a network. It is built by itself into one
 * classic script beside index.html (`tools/offline-plugin.ts`), because its scope is where it lies.
 */
import { Keeper } from './offline/keeper.ts';
import type { OfflineList } from './offline/offline-list.ts';
import type { OfflineAnswer, OfflineQuestion } from './protocol.ts';

/** Written in by the build. */
declare const OFFLINE_LIST: OfflineList;

const worker = self as unknown as ServiceWorkerGlobalScope;

const keeper = new Keeper(OFFLINE_LIST, {
  caches,
  fetch: (...args) => fetch(...args),
  scope: worker.registration.scope,
});

worker.addEventListener('install', (event) => event.waitUntil(keeper.install()));

worker.addEventListener('activate', (event) => {
  event.waitUntil(keeper.activate().then(() => worker.clients.claim()));
});

worker.addEventListener('fetch', (event) => {
  const answer = keeper.answer(event.request);
  if (answer !== undefined) event.respondWith(answer);
});

worker.addEventListener('message', (event) => {
  const { entry, webgpu } = event.data as OfflineQuestion;
  event.waitUntil(
    takeOver(entry)
      .then(() => keeper.keepLater(webgpu))
      .then((ready) => event.ports[0]?.postMessage({ ready } satisfies OfflineAnswer)),
  );
});

/** A page of this version that is the only one open need not wait for older pages to be closed. */
async function takeOver(entry: string): Promise<void> {
  const pages = await worker.clients.matchAll({ type: 'window', includeUncontrolled: true });
  if (pages.length <= 1 && keeper.owns(entry)) await worker.skipWaiting();
}
