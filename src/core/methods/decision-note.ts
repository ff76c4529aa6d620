/** What a decision rests on, for people: sentences, and tables of what was measured. */
export interface DecisionNote {
  readonly sentences: readonly string[];
  readonly tables: readonly NoteTable[];
}

export interface NoteTable {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
  /** Which columns are a prediction and what came of it: drawn side by side. */
  readonly compares?: { readonly expected: number; readonly measured: number };
  /** Which columns name layers (several: ", " between them) and what each loses alone: shown where layers are. */
  readonly losses?: { readonly layers: number; readonly loss: number };
}
