import { lazy, Suspense, useEffect } from 'react';
import { useLocation } from 'wouter';
import { openReference } from '../../flows/open-model.ts';
import { DeviceFacts, deviceName, useCapabilities } from '../../shell/device-chip.tsx';
import { useWanted } from '../../shell/use-arrival.ts';
import { useModel } from '../../state/model-store.ts';
import { en } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { preloadStudio } from '../preload.ts';
import { Continue } from './continue.tsx';
import { OwnModel } from './own-model.tsx';
import styles from './start-screen.module.css';

/** What is drawn from the samples: its place is kept until it is there. */
const showcase = () => import('./showcase.tsx');
const Hero = lazy(async () => ({ default: (await showcase()).Hero }));
const Gallery = lazy(async () => ({ default: (await showcase()).Gallery }));

export function StartScreen() {
  const opening = useModel((state) => state.opening !== undefined);
  const open = useOpen();
  useEffect(() => {
    if (opening) preloadStudio();
  }, [opening]);
  return (
    <main className={styles.screen}>
      <div className={styles.column}>
        <header className={styles.lead}>
          <h1>{en.start.title}</h1>
          <p>{en.start.lead}</p>
        </header>
        <Wanted onOpen={open} />
        <Continue onOpen={open} disabled={opening} />
        <div className={styles.pair}>
          <div className={styles.hero}>
            <Suspense fallback={null}>
              <Hero onOpen={open} disabled={opening} />
            </Suspense>
          </div>
          <OwnModel onOpen={open} />
        </div>
        <section className={styles.gallery} aria-label={en.start.gallery}>
          <h2 className={styles.heading}>{en.start.gallery}</h2>
          <Suspense fallback={null}>
            <Gallery onOpen={open} disabled={opening} />
          </Suspense>
        </section>
        <Computer />
      </div>
    </main>
  );
}

function useOpen(): (reference: string) => void {
  const [, navigate] = useLocation();
  return (reference) => {
    void openReference(reference).then((opened) => opened && navigate('/studio'));
  };
}

/** A shared link that needs the user's file, or the user's word before anything is fetched. */
function Wanted({ onOpen }: { onOpen: (reference: string) => void }) {
  const { origin, modelName } = useWanted();
  if (origin === undefined) return null;
  if (origin === 'file')
    return <p className={styles.wanted}>{en.start.wanted(modelName ?? '?')}</p>;
  return (
    <p className={styles.wanted}>
      {en.start.wantedRemote(origin)}
      <Button
        onClick={() => {
          useWanted.setState({ origin: undefined });
          onOpen(origin);
        }}
      >
        {en.start.openIt}
      </Button>
    </p>
  );
}

function Computer() {
  const { data } = useCapabilities();
  return (
    <section className={styles.computer} aria-label={en.start.computer}>
      <h2>{en.start.computer}</h2>
      {data ? (
        <>
          <p className={styles.device}>{deviceName(data)}</p>
          <div className={styles.facts}>
            <DeviceFacts capabilities={data} />
          </div>
        </>
      ) : (
        <p className={styles.facts}>{en.start.probing}</p>
      )}
    </section>
  );
}
