import type { Node } from '../onnx/types.ts';
import type { Emitter } from './emitter.ts';

export type { StaticType, StaticValues } from './static-types.ts';

/** One node as a gradient rule sees it, walking backwards. */
export interface GradientContext {
  readonly node: Node;
  /** Writes the backward nodes. It knows types and constants of the forward values too. */
  readonly emit: Emitter;
  /** ∂L/∂y of the first output; for operators with one output, where it is always there. */
  readonly dy: string;
  /** ∂L/∂(output `index`), the output's shape; undefined where no loss depends on that output. */
  readonly gradient: (index: number) => string | undefined;
  /** Name of an input or output of the node; '' when it is omitted. */
  readonly input: (index: number) => string;
  readonly output: (index?: number) => string;
  /** Sizes of input `index`. Throws `gradient-shape-unknown` when they are not known. */
  readonly dims: (index: number) => readonly number[];
  /** Whether anybody asks for ∂L/∂(input `index`): rules leave out what is not wanted. */
  readonly wants: (index: number) => boolean;
}

/**
 * ∂L/∂inputs from ∂L/∂outputs of one node: a list as long as the inputs, undefined where the gradient
 * is not wanted or is zero. Every gradient has exactly the shape of its input; use
 * `emit.sumTo(gradient, dims)` where the input was broadcast. It is called only when at least one
 * output has a gradient and at least one input wants one.
 */
export type GradientRule = (context: GradientContext) => readonly (string | undefined)[];

/** A rule with what the operator list says about it. */
export interface GradientEntry {
  /** 'Add', 'MatMul' … of domain `domain`. */
  readonly operators: readonly string[];
  /** '' (ai.onnx) unless stated. */
  readonly domain?: string;
  readonly rule: GradientRule;
  /** The gradients in one line, for the list of operators. */
  readonly equation: string;
  /** Forms of the operator that it holds for, or how it is meant. */
  readonly note?: string;
}

/** A place where the gradient ends although a wanted value lies behind it. */
export interface Cut {
  readonly node: string;
  readonly operator: string;
  readonly reason: string;
}
