import { create } from 'zustand';

/** A model the user has to bring: its name, and what for. */
export interface AskedFor {
  readonly name: string;
  /** Of the file, to tell it from others of the same name. */
  readonly sha256: string;
  readonly trials: number;
}

export const useAskedFor = create<{ readonly model?: AskedFor }>()(() => ({}));
