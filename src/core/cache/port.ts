/** An input or output as a file declares it: a number is a fixed size, a word a symbol, '' or below 0 unknown. */
export interface CachePort {
  readonly name: string;
  readonly dataType: number;
  readonly dims: readonly (number | string)[];
}

/** Whether a size is left to whoever runs the graph. */
export function isOpen(dim: number | string): boolean {
  return !(typeof dim === 'number' && dim >= 0);
}
