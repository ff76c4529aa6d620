import { LatheError } from '../errors/lathe-error.ts';
import type { Bindings } from '../onnx/shape/dimension.ts';
import { openSymbol } from '../onnx/shape/infer.ts';
import type { Graph } from '../onnx/types.ts';

/** Sizes of one training batch: training graphs have fixed shapes. */
export interface BatchShape {
  readonly batch: number;
  /** Tokens per sequence; absent for models that take no sequences. */
  readonly length?: number;
}

/**
 * Numbers for the open sizes of the graph's inputs: the first axis counts examples, the second of a
 * whole-number input tokens. Sizes the file fixes must be these. Throws `training-shape`.
 */
export function batchBindings(graph: Graph, { batch, length }: BatchShape): Bindings {
  const bindings: Record<string, number> = {};
  for (const input of graph.inputs) {
    const dims = input.type?.dims ?? [];
    const wanted = dims.length >= 2 && length !== undefined ? [batch, length] : [batch];
    wanted.forEach((size, axis) => {
      const dim = dims[axis];
      if (dim === undefined) return;
      if (dim.value === undefined) bindings[dim.symbol || openSymbol(input.name, axis)] = size;
      else if (dim.value !== size) throw wrongSize(input.name, axis, dim.value, size);
    });
  }
  return bindings;
}

function wrongSize(input: string, axis: number, found: number, wanted: number): LatheError {
  const unit = found === 1 ? '' : 's';
  const what = axis === 0 ? `example${unit} per batch` : `token${unit} per sequence`;
  return new LatheError(
    'training-shape',
    `The model's input "${input}" is fixed to ${found} ${what}, and the training was asked to use ${wanted}; set it to ${found}, or export the model with a dynamic size.`,
    { input, found, wanted },
  );
}
