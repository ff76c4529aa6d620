/** What a decision rests on, for people: sentences, and tables of what was measured. */
export interface DecisionNote {
  readonly sentences: readonly string[];
  readonly tables: readonly NoteTable[];
}

export interface NoteTable {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}
