import { FileBox, FolderOpen } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { chooseFile, chooseFolder } from '../../flows/choose-files.ts';
import { cancelOpening } from '../../flows/open-model.ts';
import { useModel, type Opening } from '../../state/model-store.ts';
import { en } from '../../strings/en.ts';
import { start } from '../../strings/en-start.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorNote } from '../../ui/error-note.tsx';
import { useAskedFor } from './asked-for.ts';
import { ReferenceField } from './reference-field.tsx';
import styles from './start-screen.module.css';

interface OwnModelProps {
  readonly onOpen: (reference: string) => void;
}

/** One's own model: dropped, picked or fetched, and what came of it. */
export function OwnModel({ onOpen }: OwnModelProps) {
  const opening = useModel((state) => state.opening);
  return (
    <section className={styles.own} aria-label={en.start.drop}>
      <div className={styles.drop}>
        <h2>{en.start.drop}</h2>
        <p>{en.start.dropDetail}</p>
        <div className={styles.dropButtons}>
          <Button tone="primary" icon={FileBox} onClick={() => void chooseFile()}>
            {en.start.openFile}
          </Button>
          <Button icon={FolderOpen} onClick={() => void chooseFolder()}>
            {en.start.openFolder}
          </Button>
        </div>
      </div>
      <ReferenceField onOpen={onOpen} disabled={opening !== undefined} />
      <div className={styles.said}>
        {opening ? <OpeningLine opening={opening} /> : <Said onOpen={onOpen} />}
      </div>
    </section>
  );
}

/** What stands in the way, or is waited for: in a place that is there before it is needed. */
function Said({ onOpen }: OwnModelProps) {
  const error = useModel((state) => state.error);
  const asked = useAskedFor((state) => state.model);
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (error !== undefined || asked !== undefined)
      place.current?.scrollIntoView({ block: 'nearest' });
  }, [error, asked]);
  // What was asked for is not asked again at the next visit of this screen.
  useEffect(() => () => useAskedFor.setState({ model: undefined }), []);
  const suggestion = error?.details?.['suggestion'];
  return (
    <div ref={place}>
      {error ? (
        <ErrorNote error={error}>
          {typeof suggestion === 'string' && (
            <Button onClick={() => onOpen(suggestion)}>{start.openSuggestion(suggestion)}</Button>
          )}
        </ErrorNote>
      ) : asked ? (
        <p className={styles.asked} role="status">
          {start.bring(asked)}
        </p>
      ) : (
        <p className={styles.facts}>{en.start.referenceHelp}</p>
      )}
    </div>
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
