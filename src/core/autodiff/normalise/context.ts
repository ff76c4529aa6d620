import { LatheError } from '../../errors/lathe-error.ts';
import type { Node } from '../../onnx/types.ts';
import type { Emitter } from '../emitter.ts';
import type { StaticType } from '../types.ts';
import type { MaskInputs } from './masks.ts';
import type { RewriteContext } from './types.ts';

/** What is the same for all nodes of one normalisation. */
export interface Setting {
  readonly emit: Emitter;
  readonly opset: number;
  readonly target: number;
  /** Values that some node or the graph's caller reads. */
  readonly read: ReadonlySet<string>;
  readonly shared: Map<string, string>;
  readonly masks?: MaskInputs;
}

/** One node as its rewrite sees it. */
export function rewriteContext(node: Node, setting: Setting): RewriteContext {
  const { emit, opset, target, read, shared, masks } = setting;
  const input = (index: number): string => node.inputs[index] ?? '';
  const typeOf = (value: string): StaticType => {
    const type = emit.type(value);
    if (type === undefined) throw shapeUnknown(node, value);
    return type;
  };
  return {
    node,
    opset,
    target,
    emit,
    ...(masks && { masks }),
    input,
    has: (index) => input(index) !== '',
    dims: (index) => typeOf(input(index)).dims,
    outputType: (index = 0) => typeOf(node.outputs[index] ?? ''),
    numbers: (index) => {
      const value = emit.constant(input(index));
      return value && Array.from<number | bigint, number>(value.data, Number);
    },
    wants: (index) => read.has(node.outputs[index] ?? ''),
    once: (key, make) => {
      const made = shared.get(key) ?? make();
      shared.set(key, made);
      return made;
    },
    refuse: (reason) =>
      new LatheError('cannot-normalise', `The ${node.opType} node "${nodeName(node)}" ${reason}.`, {
        operator: node.opType,
        node: nodeName(node),
      }),
  };
}

/** The node's name, else that of its first output. */
export function nodeName(node: Node): string {
  return node.name || (node.outputs.find((output) => output !== '') ?? node.opType);
}

/** The error for a value whose size only a run would tell. */
export function shapeUnknown(node: Node, value: string): LatheError {
  return new LatheError(
    'normalise-shape-unknown',
    `The size of "${value}" at the ${node.opType} node "${nodeName(node)}" is not known before the model runs, so the model cannot be prepared for training; export it with fixed sizes there.`,
    { operator: node.opType, node: nodeName(node), value },
  );
}
