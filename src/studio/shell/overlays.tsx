import { lazy, Suspense } from 'react';
import { useView } from '../state/view-store.ts';

const Palette = lazy(async () => ({ default: (await import('./palette.tsx')).Palette }));
const DataPurpose = lazy(async () => ({
  default: (await import('./data-purpose.tsx')).DataPurpose,
}));
const Help = lazy(async () => ({ default: (await import('./help.tsx')).Help }));

/** Dialogs load when they are first asked for. */
export function Overlays() {
  const palette = useView((state) => state.palette);
  const help = useView((state) => state.help);
  const unsorted = useView((state) => state.unsorted.length > 0);
  return (
    <Suspense fallback={null}>
      {palette && <Palette />}
      {help && <Help />}
      {unsorted && <DataPurpose />}
    </Suspense>
  );
}
