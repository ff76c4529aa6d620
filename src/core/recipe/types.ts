/** A recipe document, version 1 (DESIGN §5). `schema.ts` validates it; these are its types. */
export type Target = TargetBase | (TargetSelector & { readonly except?: readonly TargetBase[] });

export type TargetBase =
  'all' | 'attention' | 'feed-forward' | 'embedding' | 'output-head' | TargetSelector;

export interface TargetSelector {
  readonly all?: true;
  readonly role?: 'attention' | 'feed-forward' | 'embedding' | 'output-head';
  readonly blocks?: readonly number[];
  /** Exact layer names, or "/regular expression/". */
  readonly tensors?: readonly string[];
}

export interface Step {
  readonly method: string;
  readonly target: Target;
  readonly options: Readonly<Record<string, unknown>>;
  /** Kept in the recipe but not run. */
  readonly disabled?: boolean;
}

export interface Calibration {
  /** `sample:NAME`, or a file name the user gave. */
  readonly data: string;
  readonly samples: number;
  readonly length: number;
}

export interface Recipe {
  readonly version: 1;
  readonly name?: string;
  readonly seed: number;
  readonly calibration?: Calibration;
  readonly steps: readonly Step[];
}
