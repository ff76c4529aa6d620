import { create } from 'zustand';
import type { Interim, JobProgress, StudioError } from '../../../workers/protocol.ts';
import { logged, type TrainingLog } from './training-log.ts';

export type LiveLayer = NonNullable<JobProgress['layer']>;

export interface JobState {
  readonly running: boolean;
  readonly cancelling: boolean;
  /** Only a training can be paused. */
  readonly paused: boolean;
  readonly progress?: JobProgress;
  /** Layers finished in this run, as they arrive. */
  readonly layers: Readonly<Record<string, LiveLayer>>;
  /** The training of this run: the newest, when there are several. */
  readonly training?: TrainingLog;
  /** What measuring came to so far. */
  readonly interim?: Interim;
  readonly error?: StudioError;
}

export const IDLE: JobState = {
  running: false,
  cancelling: false,
  paused: false,
  layers: {},
};

export const useJob = create<JobState>()(() => IDLE);

/** The bar never goes back, whatever a stage reports. */
export function advance(state: JobState, progress: JobProgress): JobState {
  const fraction = Math.min(1, Math.max(state.progress?.fraction ?? 0, progress.fraction));
  const layers =
    progress.layer === undefined
      ? state.layers
      : { ...state.layers, [progress.layer.name]: progress.layer };
  const training = logged(state.training, progress, progress.stage !== state.progress?.stage);
  const interim = progress.interim ?? state.interim;
  return { ...state, progress: { ...progress, fraction }, layers, training, interim };
}
