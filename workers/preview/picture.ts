/** What the page asks of the preview thread, and what it gets. */
export interface PreviewRequest {
  /** Increases with every request: the newest wins, older ones resolve to undefined. */
  readonly sequence: number;
  readonly layer: string;
  readonly method: string;
  readonly options: Readonly<Record<string, unknown>>;
  /** Edge of the heat map in cells (weights are averaged into it by largest magnitude). */
  readonly cells: number;
  readonly bins: number;
}

export interface TensorPicture {
  readonly histogram: Float64Array;
  /** [rows × columns] cells, row-major: the signed value of largest magnitude in each cell. */
  readonly heat: Float32Array;
}

export interface Preview {
  readonly sequence: number;
  readonly layer: string;
  readonly rows: number;
  readonly columns: number;
  readonly heatRows: number;
  readonly heatColumns: number;
  /** Histogram range, the same for both. */
  readonly minimum: number;
  readonly maximum: number;
  readonly before: TensorPicture;
  readonly after: TensorPicture;
  /** Representable values of the first group, for the grid drawn on the histogram. */
  readonly grid?: Float32Array;
  /** ‖W−Ŵ‖²/‖W‖². */
  readonly relativeError: number;
  readonly sqnr: number;
  /** How many weights are exactly zero afterwards. */
  readonly zeros: number;
  readonly milliseconds: number;
  /** Why this preview stands in for the method: GPTQ is previewed by its baseline. */
  readonly note?: string;
}
