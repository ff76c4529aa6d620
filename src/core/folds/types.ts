import type { Layer } from '../anatomy/types.ts';
import type { Tensor } from '../onnx/types.ts';

/** Which channel each entry of a value or tensor belongs to; axes of size 1 stand for all of an axis. */
export interface Pattern {
  readonly dims: readonly number[];
  /** A channel, or −1 for entries that no scale reaches; [product of dims]. */
  readonly labels: Int32Array;
}

/** A stored tensor that a node reads, and what becomes of its entries: t / s or t · s of their channel. */
export interface FoldPart {
  /** First output of the node that reads it, which identifies the node. */
  readonly output: string;
  readonly slot: number;
  readonly tensor: Tensor;
  /** Element type that the node reads: behind a cast another than the tensor's. */
  readonly dataType: number;
  /** Of the tensor's own rank. */
  readonly pattern: Pattern;
  readonly power: 1 | -1;
}

/** Rows of a layer that are divided by s of their channel. */
export interface FoldRows {
  readonly layer: Layer;
  /** Of each output feature; −1 where it stays. */
  readonly labels: Int32Array;
}

/** What takes a scale: a norm's gain, the linear layer before, a stored factor; or nothing can, and the value is multiplied. */
export type FoldTaker = 'norm' | 'layer' | 'constant' | 'multiplication';

/**
 * A value x [.., channels] that layers read, and what can take x / s: the layers' columns are multiplied by s, so that
 * (W·diag(s))·(x/s) = W·x for every positive s.
 */
export interface Fold {
  readonly value: string;
  readonly channels: number;
  readonly by: FoldTaker;
  /** Why nothing before can take it: the end of a sentence. */
  readonly reason?: string;
  /** Layers whose columns are multiplied. */
  readonly readers: readonly Layer[];
  /** Layers before, whose rows are divided. */
  readonly rows: readonly FoldRows[];
  readonly parts: readonly FoldPart[];
  /** Channels that must have one scale (queries that share values): pairs. */
  readonly ties: readonly (readonly [number, number])[];
  /** Nodes of the readers, twins included, whose input is multiplied where nothing takes it. */
  readonly nodes: readonly string[];
}
