import { create } from 'zustand';
import type { Glance, ModelFolder, ModelView, StudioError } from '../../../workers/protocol.ts';

export interface Opening {
  readonly name: string;
  /** Plain words: "Downloading", "Reading the graph". */
  readonly stage: string;
  /** 0…1 where the size is known up front. */
  readonly fraction?: number;
  /** What its shapes say already. */
  readonly glance?: Glance;
}

export interface ModelState {
  readonly folder?: ModelFolder;
  readonly view?: ModelView;
  readonly opening?: Opening;
  readonly error?: StudioError;
}

/** The open model and the one being opened. */
export const useModel = create<ModelState>()(() => ({}));
