import { FileBox, FolderOpen } from 'lucide-react';
import { useLocation } from 'wouter';
import { chooseFile, chooseFolder } from '../../flows/choose-files.ts';
import { cancelOpening, openReference } from '../../flows/open-model.ts';
import { DeviceFacts, deviceName, useCapabilities } from '../../shell/device-chip.tsx';
import { useWanted } from '../../shell/use-arrival.ts';
import { useModel, type Opening } from '../../state/model-store.ts';
import { en } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorNote } from '../../ui/error-note.tsx';
import { Gallery } from './gallery.tsx';
import { ReferenceField } from './reference-field.tsx';
import styles from './start-screen.module.css';

export function StartScreen() {
  const opening = useModel((state) => state.opening);
  const error = useModel((state) => state.error);
  const open = useOpen();
  return (
    <main className={styles.screen}>
      <div className={styles.column}>
        <header className={styles.lead}>
          <h1>{en.start.title}</h1>
          <p>{en.start.lead}</p>
        </header>
        <Wanted onOpen={open} />
        {error && <ErrorNote error={error} />}
        {opening ? <OpeningLine opening={opening} /> : <DropPlace />}
        <Gallery onOpen={open} disabled={opening !== undefined} />
        <div className={styles.pair}>
          <ReferenceField onOpen={open} disabled={opening !== undefined} />
          <Computer />
        </div>
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

function DropPlace() {
  return (
    <section className={styles.drop} aria-label={en.start.drop}>
      <div>
        <h2>{en.start.drop}</h2>
        <p>{en.start.dropDetail}</p>
      </div>
      <div className={styles.dropButtons}>
        <Button tone="primary" icon={FileBox} onClick={() => void chooseFile()}>
          {en.start.openFile}
        </Button>
        <Button icon={FolderOpen} onClick={() => void chooseFolder()}>
          {en.start.openFolder}
        </Button>
      </div>
    </section>
  );
}

function OpeningLine({ opening: { name, stage, fraction } }: { opening: Opening }) {
  return (
    <section className={styles.opening} aria-label={name} aria-busy>
      <div>
        <strong>{name}</strong>
        <span>
          {stage}
          {fraction === undefined ? '…' : ` ${Math.floor(fraction * 100)} %`}
        </span>
      </div>
      <progress value={fraction} max={1} aria-label={stage} />
      <Button tone="quiet" onClick={cancelOpening}>
        {en.start.cancel}
      </Button>
    </section>
  );
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
    <section className={styles.panel} aria-label={en.start.computer}>
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
