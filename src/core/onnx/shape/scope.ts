import type { Dim } from './dimension.ts';
import type { Known, ValueType } from './types.ts';

/** No tensor of a real model has more axes; hostile files are not followed further. */
const MAX_RANK = 64;

/** What is known of the values of one graph; a sub-graph's scope sees its outer graph's. */
export class Scope {
  private readonly types = new Map<string, ValueType>();
  private readonly declarations = new Map<string, ValueType>();
  private readonly sources = new Map<string, () => Known | undefined>();
  private readonly constants = new Map<string, Known | undefined>();

  constructor(private readonly outer: Scope | undefined) {}

  type(value: string): ValueType | undefined {
    return this.types.get(value) ?? this.outer?.type(value);
  }

  setType(value: string, type: ValueType | undefined): void {
    if (type) this.types.set(value, plausible(type));
  }

  /** What the file says; used where inference finds nothing. */
  declare(value: string, type: ValueType): void {
    this.declarations.set(value, type);
  }

  declared(value: string): ValueType | undefined {
    return this.declarations.get(value);
  }

  /** Elements to be looked up on first use: weights are never decoded for nothing. */
  setSource(value: string, source: () => Known | undefined): void {
    this.sources.set(value, source);
  }

  setKnown(value: string, known: Known): void {
    this.constants.set(value, known);
  }

  known(value: string): Known | undefined {
    if (this.constants.has(value)) return this.constants.get(value);
    const source = this.sources.get(value);
    if (!source) return this.types.has(value) ? undefined : this.outer?.known(value);
    const found = source();
    this.constants.set(value, found);
    return found;
  }
}

/** Sizes that can be: whole and not negative; everything else is unknown. */
function plausible(type: ValueType): ValueType {
  if (!type.dims) return type;
  if (type.dims.length > MAX_RANK) return { dataType: type.dataType };
  return { dataType: type.dataType, dims: type.dims.map(plausibleDim) };
}

function plausibleDim(dim: Dim): Dim {
  if (typeof dim !== 'number') return dim;
  return Number.isSafeInteger(dim) && dim >= 0 ? dim : undefined;
}
