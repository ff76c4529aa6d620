import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Router } from 'wouter';
import { App } from './app.tsx';
import { setClients, workerClients } from './client/clients.ts';
import { prepareOffline } from './offline/offline.ts';
import { useDeviceWish } from './state/device.ts';

setClients(workerClients(() => useDeviceWish.getState().wish));

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');

createRoot(root).render(
  <StrictMode>
    <Router base={import.meta.env.BASE_URL.replace(/\/$/, '')}>
      <App
        loadMethods={async () => (await import('./recipe/registry-cards.ts')).loadRegistryCards()}
      />
    </Router>
  </StrictMode>,
);

// While developing, kept files would hide every change.
if (import.meta.env.PROD) prepareOffline();
