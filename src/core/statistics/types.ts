/** What was collected from calibration about the inputs of one layer. X is [rows, columns]. */
export interface LayerStatistics {
  /** Number of calibration rows (tokens, patches) seen. */
  readonly rows: number;
  readonly columns: number;
  /** XᵀX, row-major [columns, columns]; absent when no method asked for it. */
  readonly secondMoments?: Float32Array;
  /** ‖X_j‖₂ over all rows, per column. */
  readonly channelNorms: Float32Array;
  /** max |X_j| over all rows, per column. */
  readonly channelMaxima: Float32Array;
  readonly minimum: number;
  readonly maximum: number;
}

/** Which statistics a method asks for. `secondMoments` costs rows·columns² and columns² memory. */
export interface StatisticsNeeds {
  readonly secondMoments: boolean;
  /** The layer must see what the already compressed part of the model produces. */
  readonly sequential: boolean;
}
