/** Named parts of a model, by what a picture of it shows. */
export interface NamedParts {
  readonly stack: 'encoder' | 'decoder';
  /** Numbers of blocks in the stack. */
  readonly blocks: readonly number[];
  /** Query heads, by output projection of their attention. */
  readonly heads: Readonly<Record<string, readonly number[]>>;
}

/** How a method takes out parts that are named: what is chosen in a picture of the model becomes its options. */
export interface PartCut<Options = Readonly<Record<string, unknown>>> {
  readonly part: 'blocks' | 'heads';
  /** What to set so that exactly these go. */
  naming(parts: NamedParts): Partial<Options>;
  /** What goes with these options; undefined where they do not name it, and data decides. */
  named(options: Options): NamedParts | undefined;
}
