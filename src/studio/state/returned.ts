import { create } from 'zustand';
import type { ModelFolder, Provenance } from '../../../workers/protocol.ts';

/** A file made by Lathe whose original is not here yet. */
export interface Returned {
  readonly folder: ModelFolder;
  readonly made: Provenance;
  /** What the original is called and where it can be fetched, as far as this browser remembers. */
  readonly name: string | undefined;
  readonly origin: string | undefined;
}

/** The last of them: once its original is opened it becomes a trial of it. */
export const useReturned = create<{ readonly file?: Returned }>()(() => ({}));
