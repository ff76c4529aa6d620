import type { Graph, Node } from '../types.ts';
import type { Dim } from './dimension.ts';

/** What is known of a value's type. */
export interface ValueType {
  /** A number of `DataType`; 0 when unknown. */
  readonly dataType: number;
  /** Undefined: rank unknown. */
  readonly dims?: readonly Dim[];
}

/** A small tensor whose elements are known, some only as expressions over sizes, some not at all. */
export interface Known {
  readonly dataType: number;
  readonly dims: readonly number[];
  /** Row-major; booleans are 0 and 1, the extremes of int64 are ±2⁶³. */
  readonly elements: readonly Dim[];
}

/** What a rule may look at: one node and what is known of its inputs. */
export interface RuleContext {
  readonly node: Node;
  /** Version of the operator set the node belongs to; 0 when the model does not import it. */
  readonly opset: number;
  /** Type of input `index`; undefined when omitted or unknown. */
  type(index: number): ValueType | undefined;
  /** Dimensions of input `index`, when its rank is known. */
  dims(index: number): readonly Dim[] | undefined;
  /** Element type of input `index`; 0 when unknown. */
  dataType(index: number): number;
  /** Elements of input `index`, when it is a small known tensor. */
  known(index: number): Known | undefined;
  has(index: number): boolean;
  /** Output types of a sub-graph, its inputs being of the given types. */
  body(
    graph: Graph,
    inputs: readonly (ValueType | undefined)[],
  ): readonly (ValueType | undefined)[];
}

/** Types of a node's outputs; undefined where nothing can be said. */
export type Rule = (context: RuleContext) => readonly (ValueType | undefined)[];

/** Elements of output `which`, whose type is `output`, computed; undefined when they cannot be. */
export type Evaluator = (
  context: RuleContext,
  output: ValueType,
  which: number,
) => Known | undefined;
