import { CloudOff, Lock } from 'lucide-react';
import { useEffect } from 'react';
import { cancelRun, endMeasuring } from '../flows/run-recipe.ts';
import { formatTimeLeft } from '../format/format.ts';
import { useOffline } from '../offline/offline.ts';
import { useDataReading } from '../state/data-reading.ts';
import { canEndMeasuring, useJob } from '../state/job-store.ts';
import { countDown, useTimeLeft } from '../state/time-left.ts';
import { en } from '../strings/en.ts';
import { enMeasuring } from '../strings/en-measuring.ts';
import { Button } from '../ui/button.tsx';
import { ReadingData } from './reading-data.tsx';
import styles from './status-bar.module.css';

/** One bar for the one job: it only moves forward. */
export function StatusBar() {
  const running = useJob((state) => state.running);
  useEffect(() => countDown(), []);
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
        <span className={styles.percent}>{`${Math.round(fraction * 100)} %`}</span>
        {progress?.detail && <span className={styles.detail}>{progress.detail}</span>}
        <TimeLeft />
        <span className={styles.hint}>{en.run.escCancels}</span>
      </span>
      <Enough />
      <Button
        tone="quiet"
        className={styles.cancel}
        disabled={cancelling}
        onClick={() => void cancelRun()}
      >
        {en.run.cancel}
      </Button>
    </>
  );
}

function TimeLeft() {
  const seconds = useTimeLeft((state) => state.seconds);
  if (seconds === undefined) return null;
  return <span>{en.run.left(formatTimeLeft(seconds))}</span>;
}

function Enough() {
  const offered = useJob(canEndMeasuring);
  const ending = useJob((state) => state.ending);
  if (!offered) return null;
  return (
    <Button
      tone="quiet"
      disabled={ending}
      title={enMeasuring.enoughHelp}
      aria-label={ending ? enMeasuring.ending : enMeasuring.enough}
      onClick={() => void endMeasuring()}
    >
      <span className={styles.long}>{ending ? enMeasuring.ending : enMeasuring.enough}</span>
      <span className={styles.short}>{ending ? enMeasuring.ending : enMeasuring.enoughShort}</span>
    </Button>
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
