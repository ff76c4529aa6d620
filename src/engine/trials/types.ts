import type { Recipe } from '../../core/recipe/types.ts';
import type { Report } from '../../core/report/types.ts';

export type TrialState = 'done' | 'cancelled' | 'failed';

/** One part of a folder in a run over several: what became of it. */
export interface PartLine {
  readonly path: string;
  readonly role: string;
  readonly dtype: string;
  readonly bytesBefore: number;
  readonly bytesAfter: number;
  /** The trial that holds its file; none where it was left as it is. */
  readonly trial?: string;
  /** Why it was left as it is although it was asked for. */
  readonly message?: string;
}

/** One recipe run on one model: what was asked, what came out, what was measured. */
export interface Trial {
  /** Decided by model, recipe and calibration: the same run again replaces the same trial. */
  readonly id: string;
  readonly model: { readonly name: string; readonly sha256: string };
  readonly name: string;
  readonly recipe: Recipe;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly state: TrialState;
  /** Why it was cancelled or failed. */
  readonly message?: string;
  readonly report?: Report;
  /** All parts of the run it was made in, itself among them, where that run was over several. */
  readonly parts?: readonly PartLine[];
  readonly pinned?: boolean;
  readonly notes?: string;
  /** Measured by the project and shipped with a sample: the report is here, its file has to be made first. */
  readonly shipped?: true;
  /** Its file came back to this browser, and what was measured of it was measured elsewhere, or earlier. */
  readonly elsewhere?: true;
}

/** What a person may change about a trial afterwards. */
export interface TrialChange {
  readonly name?: string;
  readonly pinned?: boolean;
  readonly notes?: string;
}
