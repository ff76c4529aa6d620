import { lazy, Suspense } from 'react';
import { useView } from '../state/view-store.ts';

const Palette = lazy(async () => ({ default: (await import('./palette.tsx')).Palette }));
const Help = lazy(async () => ({ default: (await import('./help.tsx')).Help }));

/** Dialogs load when they are first asked for. */
export function Overlays() {
  const palette = useView((state) => state.palette);
  const help = useView((state) => state.help);
  return (
    <Suspense fallback={null}>
      {palette && <Palette />}
      {help && <Help />}
    </Suspense>
  );
}
