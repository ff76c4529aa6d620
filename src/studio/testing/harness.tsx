/**
 * The page with made-up workers, to look at screens while working on them: `npm run dev`, then
 * /src/studio/testing/harness.html#/studio. Not part of the build.
 */
import * as Comlink from 'comlink';
import { createRoot } from 'react-dom/client';
import { Router } from 'wouter';
import { useHashLocation } from 'wouter/use-hash-location';
import { App } from '../app.tsx';
import { setClients } from '../client/clients.ts';
import { DataClient } from '../client/data-client.ts';
import { EngineClient } from '../client/engine-client.ts';
import { PreviewClient } from '../client/preview-client.ts';
import type { Thread } from '../../../workers/thread-link.ts';
import { openFolder } from '../flows/open-model.ts';
import { FakeEngine } from './fake-engine.ts';
import { FakeData } from './fake-data.ts';
import { FakePreview } from './fake-preview.ts';
import { fakeTrials } from './fake-trials.ts';

function threadTo(api: unknown): Thread {
  const { port1, port2 } = new MessageChannel();
  Comlink.expose(api, port2);
  port1.start();
  return { endpoint: port1, terminate: () => port1.close() };
}

const engine = new FakeEngine();
// `harness.html?trials=40#/runs` begins with so many.
engine.seed(fakeTrials(Number(new URLSearchParams(location.search).get('trials') ?? 0)));

setClients({
  engine: new EngineClient(() => threadTo(engine)),
  data: new DataClient(() => threadTo(new FakeData())),
  preview: new PreviewClient(() => threadTo(new FakePreview())),
});

const openFake = (name: string, file = 'model.onnx') =>
  openFolder({ name, origin: `sample:${name}`, files: [{ path: file, blob: new Blob(['']) }] });

// For the console: `openFake('digits')` is a classifier, `openFake('x', 'x.gguf')` a refusal.
Object.assign(window, { engine, openFake });
// Every screen but the first one needs a model.
if (!['', '#/'].includes(location.hash)) void openFake('stories');

const root = document.getElementById('root');
if (root === null) throw new Error('harness.html has no #root');
createRoot(root).render(
  <Router hook={useHashLocation}>
    <App
      loadMethods={async () => (await import('../recipe/registry-cards.ts')).loadRegistryCards()}
    />
  </Router>,
);
