import type { LatheError } from '../../errors/lathe-error.ts';
import type { Node } from '../../onnx/types.ts';
import type { Emitter } from '../emitter.ts';
import type { StaticType } from '../types.ts';
import type { MaskInputs } from './masks.ts';

/** One node of the forward graph as a rewrite sees it. */
export interface RewriteContext {
  readonly node: Node;
  /** Version of ai.onnx the node was written for, and the one the result is written in. */
  readonly opset: number;
  readonly target: number;
  /** Writes the new nodes; it knows types and constants of all values. */
  readonly emit: Emitter;
  /** Name of an input; '' when it is omitted. */
  readonly input: (index: number) => string;
  readonly has: (index: number) => boolean;
  /** Sizes of input `index`. Throws `normalise-shape-unknown` when they are not known. */
  readonly dims: (index: number) => readonly number[];
  /** Type of output `index`. Throws `normalise-shape-unknown` when it is not known. */
  readonly outputType: (index?: number) => StaticType;
  /** Numbers of a small constant input. */
  readonly numbers: (index: number) => readonly number[] | undefined;
  /** Where a Dropout in training mode asks for its mask; absent where it passes its input on. */
  readonly masks?: MaskInputs;
  /** Whether anybody reads output `index`. */
  readonly wants: (index: number) => boolean;
  /** One value for all nodes of the graph that ask for the same key: masks, positions. */
  readonly once: (key: string, make: () => string) => string;
  /** The error for a form of the operator that is not rewritten: "The X node "n" `reason`." */
  readonly refuse: (reason: string) => LatheError;
}

/**
 * The node's outputs computed by other nodes: the value that stands for each output (undefined for one
 * nobody reads), or undefined when the node stays as it is.
 */
export type Rewrite = (context: RewriteContext) => readonly (string | undefined)[] | undefined;

export interface RewriteEntry {
  readonly operators: readonly string[];
  /** '' (ai.onnx) unless stated. */
  readonly domain?: string;
  readonly rewrite: Rewrite;
}
