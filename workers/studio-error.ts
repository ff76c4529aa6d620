/** What went wrong, as it goes from one thread to another. */
export interface StudioError {
  readonly code: string;
  readonly message: string;
  readonly details?: Readonly<Record<string, string | number | boolean>>;
}
