import type { Layer } from '../anatomy/types.ts';
import type { WeightFactors } from '../folds/index.ts';
import type { Fillings } from '../onnx/fill.ts';
import type { Seen } from '../statistics/seen.ts';
import type { Take } from '../statistics/take.ts';
import type { Ground, MethodContext } from './ground.ts';

/** Channels are scaled while the function stays: which weights by what is decided from what flows. */
export interface Rescaling {
  /** What is looked at of the rows that each layer's weight multiplies, in the ground's model. */
  readonly take: readonly Take[];
  decide(
    ground: Ground,
    stops: AsyncIterable<SeenLayers>,
    context: MethodContext,
  ): Promise<Rescaled>;
}

/** Some layers, and what was seen of them. */
export interface SeenLayers {
  readonly layers: readonly Layer[];
  readonly seen: Seen;
}

export interface Rescaled {
  /** By `layer.output`. */
  readonly factors: ReadonlyMap<string, WeightFactors>;
  /** Bytes of what undoes them. */
  readonly fillings: Fillings;
}
