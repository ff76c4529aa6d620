import { cancelReading } from '../flows/read-data.ts';
import type { Reading } from '../state/data-reading.ts';
import { data as words } from '../strings/en-data.ts';
import { Button } from '../ui/button.tsx';
import styles from './status-bar.module.css';

/** How far the reading of a data file is, and the way out of it. */
export function ReadingData({ reading: { name, fraction } }: { reading: Reading }) {
  return (
    <>
      <progress
        className={styles.progress}
        value={fraction}
        max={1}
        aria-label={words.reading(name)}
      />
      <span className={styles.stage}>{words.reading(name)}</span>
      <Button tone="quiet" aria-label={words.cancelReading(name)} onClick={cancelReading}>
        {words.cancel}
      </Button>
    </>
  );
}
