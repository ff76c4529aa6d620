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
  /** What measuring came to so far; gone when the trial is there. */
  readonly interim?: Interim;
  /** The stage that the newest interim came from: as long as it goes on, it can be ended early. */
  readonly measuring?: string;
  /** Somebody has seen enough: measuring is ending. */
  readonly ending: boolean;
  readonly error?: StudioError;
}

export const IDLE: JobState = {
  running: false,
  cancelling: false,
  paused: false,
  layers: {},
  ending: false,
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
  return {
    ...state,
    ...measured(state, progress),
    progress: { ...progress, fraction },
    layers,
    training,
  };
}

/** The trial takes the place of what was seen on the way to it; what follows may be another part's. */
function measured(
  { interim, measuring, ending }: JobState,
  progress: JobProgress,
): Pick<JobState, 'interim' | 'measuring' | 'ending'> {
  if (progress.trial !== undefined)
    return { interim: undefined, measuring: undefined, ending: false };
  if (progress.interim !== undefined) {
    return { interim: progress.interim, measuring: progress.stage, ending };
  }
  return { interim, measuring, ending };
}

/** Whether there is a measurement that has shown something and goes on. */
export function canEndMeasuring({ running, cancelling, progress, measuring }: JobState): boolean {
  return running && !cancelling && measuring !== undefined && progress?.stage === measuring;
}
