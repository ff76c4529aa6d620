import { CloudOff, Lock } from 'lucide-react';
import { useEffect } from 'react';
import { cancelRun } from '../flows/run-recipe.ts';
import { formatSeconds } from '../format/format.ts';
import { useOffline } from '../offline/offline.ts';
import { useDataReading } from '../state/data-reading.ts';
import { useJob } from '../state/job-store.ts';
import { en } from '../strings/en.ts';
import { Button } from '../ui/button.tsx';
import { ReadingData } from './reading-data.tsx';
import styles from './status-bar.module.css';

/** One bar for the one job: it only moves forward. */
export function StatusBar() {
  const running = useJob((state) => state.running);
  return (
    <footer className={styles.bar}>
      {running ? <Running /> : <Idle />}
      <Offline />
      <span className={styles.privacy}>
        <Lock size={12} aria-hidden />
        {en.app.privacy}
      </span>
    </footer>
  );
}

/** Data that is being read is all that may be going on. */
function Idle() {
  const readings = useDataReading((state) => state.readings);
  const reading = readings.evaluation ?? readings.calibration;
  return reading === undefined ? (
    <span className={styles.idle}>{en.run.idle}</span>
  ) : (
    <ReadingData reading={reading} />
  );
}

/** Said once all of it is kept, never before. */
function Offline() {
  const ready = useOffline((state) => state.ready);
  if (!ready) return null;
  return (
    <span className={styles.offline} title={en.app.offlineHelp}>
      <CloudOff size={12} aria-hidden />
      {en.app.offline}
    </span>
  );
}

function Running() {
  const progress = useJob((state) => state.progress);
  const cancelling = useJob((state) => state.cancelling);
  const fraction = progress?.fraction ?? 0;
  useTitle(`${Math.round(fraction * 100)} % · ${en.app.name}`);
  const paused = useJob((state) => state.paused);
  const stage = stageOf({ cancelling, paused, stage: progress?.stage ?? en.run.started });
  return (
    <>
      <progress className={styles.progress} value={fraction} max={1} aria-label={en.run.progress} />
      <span className={styles.stage}>
        <strong>{stage}</strong>
        {progress?.detail && <span>{progress.detail}</span>}
        {progress?.secondsLeft !== undefined && !paused && (
          <span>{en.run.left(formatSeconds(progress.secondsLeft))}</span>
        )}
        <span className={styles.hint}>{en.run.escCancels}</span>
      </span>
      <Button tone="quiet" disabled={cancelling} onClick={() => void cancelRun()}>
        {en.run.cancel}
      </Button>
    </>
  );
}

function stageOf(job: { cancelling: boolean; paused: boolean; stage: string }): string {
  if (job.cancelling) return en.run.cancelling;
  return job.paused ? en.training.paused : job.stage;
}

/** The tab's title tells how far the run is, and is put back afterwards. */
function useTitle(title: string): void {
  useEffect(() => {
    const before = document.title;
    return () => void (document.title = before);
  }, []);
  useEffect(() => {
    document.title = title;
  }, [title]);
}
