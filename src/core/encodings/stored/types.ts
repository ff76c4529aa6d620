import type { GraphIndex } from '../../onnx/graph/index-graph.ts';
import type { Node, Tensor } from '../../onnx/types.ts';
import type { Encoded, MatrixLayout, Shape, WeightUse } from '../types.ts';

/** A graph as readers look at it. */
export interface Surroundings {
  readonly index: GraphIndex;
  /** True for a value that depends on initializers alone. */
  isConstant(value: string): boolean;
  /** Sizes of a value, as far as they are known. */
  dimsOf(value: string): readonly (number | undefined)[] | undefined;
  /** Element type of a value; 0 where it is not known. */
  dataTypeOf(value: string): number;
}

/** A matrix Ŵ [rows, columns] as a file holds it. */
export interface StoredMatrix extends Shape {
  /** The operator that makes numbers of what is stored, for people. */
  readonly kernel: string;
  /** The expression it is, without values. */
  readonly encoded: Encoded;
  /** Bits of one code. */
  readonly bits: number;
  /** What the file stores for it, the codes first. */
  readonly tensors: readonly Tensor[];
  /** The expression with its values. */
  read(): Promise<Encoded>;
}

/** A layer whose weight is no plain initializer: what is stored, and what the layer would be over a plain one. */
export interface StoredWeight extends StoredMatrix {
  /** The node that makes the layer's output; with a plain weight it stands for all that the layer is made of. */
  readonly node: Node;
  readonly output: string;
  /** x of the product, or the indices of the look-up. */
  readonly input: string;
  readonly op: WeightUse['op'];
  /** Outputs of further nodes that are part of the layer: the rounding of its input, a sum of integers. */
  readonly inside: readonly string[];
  /** The layer rounds its input to 8 bits as well; over a plain weight it does not. */
  readonly roundsInput: boolean;
  /** Type, layout and dims of the plain weight that {@link StoredWeight.over} reads. */
  readonly elementType: number;
  readonly layout: MatrixLayout;
  readonly dims: readonly number[];
  /** The layer's node over a plain weight of this name. */
  over(weight: string): Node;
}

/** Recognises one way of storing a weight at the node that makes a layer's output. */
export type ReadStored = (around: Surroundings, node: Node) => StoredWeight | undefined;
