import { Pause, Play } from 'lucide-react';
import { cancelRun, togglePause } from '../../../flows/run-recipe.ts';
import { formatTimeLeft, grouped } from '../../../format/format.ts';
import { useJob } from '../../../state/job-store.ts';
import { useTimeLeft } from '../../../state/time-left.ts';
import type { TrainingLog } from '../../../state/training-log.ts';
import { en } from '../../../strings/en.ts';
import { Button } from '../../../ui/button.tsx';
import { LossCurve } from './loss-curve.tsx';
import styles from './training.module.css';

/** Stands below the evidence for as long as a run that trains goes on. */
export function TrainingStrip() {
  const log = useJob((state) => state.training);
  if (log === undefined) return null;
  return (
    <section className={styles.strip} aria-label={en.training.title}>
      <header>
        <h2>{en.training.title}</h2>
        <Facts log={log} />
        {!log.over && <Buttons />}
      </header>
      <LossCurve {...log} />
    </section>
  );
}

function Facts({ log: { last, steps, resumedAt } }: { log: TrainingLog }) {
  const paused = useJob((state) => state.paused);
  const seconds = useTimeLeft((state) => state.seconds);
  return (
    <p className={styles.facts}>
      <strong>
        {last || resumedAt > 0
          ? en.training.step(last?.step ?? resumedAt, steps)
          : en.training.first}
      </strong>
      {last && (
        <>
          <span title={en.training.rateHelp}>
            {en.training.rate(grouped(Math.round(last.labelsPerSecond)))}
          </span>
          {paused && <span>{en.training.paused}</span>}
          {seconds !== undefined && <span>{en.training.left(formatTimeLeft(seconds))}</span>}
          <span className={styles.detail}>
            {en.training.learningRate(last.learningRate.toPrecision(2))}
          </span>
        </>
      )}
      {resumedAt > 0 && <em>{en.training.continuesFrom(resumedAt)}</em>}
    </p>
  );
}

function Buttons() {
  const paused = useJob((state) => state.paused);
  const cancelling = useJob((state) => state.cancelling);
  return (
    <span className={styles.buttons}>
      <Button
        icon={paused ? Play : Pause}
        title={`${en.training.pauseHelp}  P`}
        disabled={cancelling}
        onClick={() => void togglePause()}
      >
        {paused ? en.training.resume : en.training.pause}
      </Button>
      <Button tone="quiet" disabled={cancelling} onClick={() => void cancelRun()}>
        {en.run.cancel}
      </Button>
    </span>
  );
}
