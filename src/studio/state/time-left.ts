import { create } from 'zustand';
import { useJob, type JobState } from './job-store.ts';

/** Seconds left as they were told, and the millisecond they were told at. */
export interface Told {
  readonly seconds: number;
  readonly at: number;
}

/** Counted down from what was told; undefined once that is used up, because nobody knows then. */
export function secondsLeftAt({ seconds, at }: Told, now: number): number | undefined {
  const left = seconds - (now - at) / 1000;
  return left > 0 ? left : undefined;
}

const EVERY_MS = 500;

/** The one source of the time left of the run: all that show it show the same at the same moment. */
export const useTimeLeft = create<{ readonly seconds: number | undefined }>()(() => ({
  seconds: undefined,
}));

/** Counts down while a run goes on, and is silent in a pause, until what it gives back is called. */
export function countDown(now: () => number = () => performance.now()): () => void {
  let told: Told | undefined;
  let timer: ReturnType<typeof setInterval> | undefined;
  const show = (): void => {
    useTimeLeft.setState({ seconds: told && secondsLeftAt(told, now()) });
  };
  const hear = ({ running, paused, progress }: JobState, before: JobState): void => {
    if (!running || paused) {
      told = undefined;
      clearInterval(timer);
      timer = undefined;
      return show();
    }
    if (progress === before.progress) return;
    const first = told === undefined;
    told =
      progress?.secondsLeft === undefined
        ? undefined
        : { seconds: progress.secondsLeft, at: now() };
    timer ??= setInterval(show, EVERY_MS);
    // Later words wait for their turn: numbers that change with every message cannot be read.
    if (first || told === undefined) show();
  };
  const stop = useJob.subscribe(hear);
  return () => {
    stop();
    clearInterval(timer);
  };
}
