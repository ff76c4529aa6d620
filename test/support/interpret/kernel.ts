import {
  floatAttribute,
  intAttribute,
  intsAttribute,
  stringAttribute,
} from '../../../src/core/onnx/graph/attributes.ts';
import type { Node } from '../../../src/core/onnx/types.ts';
import type { F64Value } from './value.ts';

/** Computes the outputs of one node. */
export type Kernel = (call: Call) => F64Value | readonly F64Value[];

export type Kernels = Readonly<Record<string, Kernel>>;

/** One node with the values it reads. */
export class Call {
  readonly node: Node;
  /** Version of the node's operator set. */
  readonly opset: number;
  readonly inputs: readonly (F64Value | undefined)[];

  constructor(node: Node, opset: number, inputs: readonly (F64Value | undefined)[]) {
    this.node = node;
    this.opset = opset;
    this.inputs = inputs;
  }

  input(index: number): F64Value {
    const found = this.inputs[index];
    if (!found) throw new Error(`${this.node.opType} lacks its input ${index}.`);
    return found;
  }

  /** All inputs, for operators that take any number. */
  all(): readonly F64Value[] {
    return this.inputs.map((_, index) => this.input(index));
  }

  int(name: string, fallback: number): number {
    return intAttribute(this.node, name, fallback);
  }

  float(name: string, fallback: number): number {
    return floatAttribute(this.node, name, fallback);
  }

  text(name: string, fallback: string): string {
    return stringAttribute(this.node, name, fallback);
  }

  ints(name: string): readonly number[] | undefined {
    return intsAttribute(this.node, name);
  }

  /** Integers that older operator sets give as attribute and newer ones as input. */
  list(name: string, index: number): readonly number[] | undefined {
    const given = this.inputs[index];
    return given ? [...given.data] : this.ints(name);
  }
}
