import type { BuildReport, Report } from '../../src/core/report/types.ts';

/** Where a file made by Lathe came from, as far as it and the files beside it say. */
export interface Provenance {
  readonly sha256: string;
  readonly report: BuildReport;
  /** The report of its trial, where the folder holds it. */
  readonly measured?: Report;
}
