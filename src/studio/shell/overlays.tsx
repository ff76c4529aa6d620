import { lazy, Suspense } from 'react';
import { useHubQuestion } from '../state/hub-question.ts';
import { useView } from '../state/view-store.ts';

const Palette = lazy(async () => ({ default: (await import('./palette.tsx')).Palette }));
const DataPurpose = lazy(async () => ({
  default: (await import('./data-purpose.tsx')).DataPurpose,
}));
const HubParts = lazy(async () => ({ default: (await import('./hub-parts.tsx')).HubParts }));
const Help = lazy(async () => ({ default: (await import('./help.tsx')).Help }));

/** Dialogs load when they are first asked for. */
export function Overlays() {
  const palette = useView((state) => state.palette);
  const help = useView((state) => state.help);
  const unsorted = useView((state) => state.unsorted.length > 0);
  const hub = useHubQuestion((state) => state.question !== undefined);
  return (
    <Suspense fallback={null}>
      {palette && <Palette />}
      {help && <Help />}
      {unsorted && <DataPurpose />}
      {hub && <HubParts />}
    </Suspense>
  );
}
