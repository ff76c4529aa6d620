/**
 * How a method's options choose blocks of the model: what an option with `control: 'blocks'` is drawn
 * and clicked through.
 */
export interface BlockChoice<Options = Readonly<Record<string, unknown>>> {
  /** The chosen of `depth` blocks, ascending: the same choice that a run makes, with the same errors. */
  chosen(options: Options, depth: number): readonly number[];
  /** How many may be chosen at most; one always may. */
  most(options: Options, depth: number): number;
  /** What to set so that exactly these are chosen. */
  choose(blocks: readonly number[]): Partial<Options>;
  words(options: Options): BlockWords;
}

/** What a picture of chosen blocks says. */
export interface BlockWords {
  readonly help: string;
  legend(chosen: number, depth: number): string;
  /** The button of one block. */
  block(block: number): string;
  /** The column of all blocks, and that of the chosen ones. */
  readonly from: string;
  readonly to: string;
}
