import { create } from 'zustand';
import { whenIdle } from '../client/when-idle.ts';
import type { OfflineAnswer, OfflineQuestion } from '../../../workers/protocol.ts';

/** Whether everything the page could ask for is kept in this browser. */
export const useOffline = create<{ readonly ready: boolean }>()(() => ({ ready: false }));

/** After the page is drawn and idle: keeps it, its runtime and its samples for visits without a network. */
export function prepareOffline(): void {
  if (!('serviceWorker' in navigator)) return;
  const start = (): void => {
    setTimeout(
      () =>
        void whenIdle()
          .then(keep)
          .catch(() => undefined),
      DELAY_MS,
    );
  };
  if (document.readyState === 'complete') start();
  else addEventListener('load', start, { once: true });
}

/** Forty megabytes can wait until whatever the visitor came for is on the screen. */
const DELAY_MS = 1500;

async function keep(): Promise<void> {
  const registration = await navigator.serviceWorker.register(`${import.meta.env.BASE_URL}sw.js`, {
    updateViaCache: 'none',
  });
  const newest = registration.installing ?? registration.waiting ?? registration.active;
  if (newest === null) return;
  await installed(newest);
  // Who asks for little data gets the runtime kept when it is first used.
  if (savesData()) return;
  const question: OfflineQuestion = { entry: entryAddress(), webgpu: await hasWebgpu() };
  useOffline.setState(await ask(newest, question));
}

function installed(worker: ServiceWorker): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      if (worker.state === 'redundant') reject(new Error('The page could not be kept.'));
      else if (worker.state !== 'installing' && worker.state !== 'parsed') resolve();
    };
    worker.addEventListener('statechange', look);
    look();
  });
}

function ask(worker: ServiceWorker, question: OfflineQuestion): Promise<OfflineAnswer> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }: MessageEvent<OfflineAnswer>) => resolve(data);
    worker.postMessage(question, [port2]);
  });
}

function entryAddress(): string {
  return document.querySelector<HTMLScriptElement>('script[type=module][src]')?.src ?? '';
}

function savesData(): boolean {
  const { connection } = navigator as { connection?: { saveData?: boolean } };
  return connection?.saveData === true;
}

async function hasWebgpu(): Promise<boolean> {
  const { gpu } = navigator as { gpu?: { requestAdapter(): Promise<unknown> } };
  return (await gpu?.requestAdapter().catch(() => null)) != null;
}
