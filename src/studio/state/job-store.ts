import { create } from 'zustand';
import type { JobProgress, StudioError } from '../../../workers/protocol.ts';

export type LiveLayer = NonNullable<JobProgress['layer']>;

export interface JobState {
  readonly running: boolean;
  readonly cancelling: boolean;
  readonly progress?: JobProgress;
  /** Layers finished in this run, as they arrive. */
  readonly layers: Readonly<Record<string, LiveLayer>>;
  readonly error?: StudioError;
}

export const IDLE: JobState = { running: false, cancelling: false, layers: {} };

export const useJob = create<JobState>()(() => IDLE);

/** The bar never goes back, whatever a stage reports. */
export function advance(state: JobState, progress: JobProgress): JobState {
  const fraction = Math.min(1, Math.max(state.progress?.fraction ?? 0, progress.fraction));
  const layers =
    progress.layer === undefined
      ? state.layers
      : { ...state.layers, [progress.layer.name]: progress.layer };
  return { ...state, progress: { ...progress, fraction }, layers };
}
