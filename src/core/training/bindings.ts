import { isCacheInput } from '../data/cache-input.ts';
import { LatheError } from '../errors/lathe-error.ts';
import type { Bindings } from '../onnx/shape/dimension.ts';
import { openSymbol } from '../onnx/shape/infer.ts';
import type { Graph, ValueInfo } from '../onnx/types.ts';

/** Sizes of one training batch: training graphs have fixed shapes. */
export interface BatchShape {
  readonly batch: number;
  /** Tokens per sequence; absent for models that take no sequences. */
  readonly length?: number;
  /** Sizes of images and other features, by symbol. */
  readonly sizes?: Bindings;
}

/**
 * Numbers for the open sizes of the graph's inputs: the first axis counts examples, the second tokens
 * where sequences go in, and a cache has no positions yet. Sizes the file fixes must be these. Throws
 * `training-shape`.
 */
export function batchBindings(graph: Graph, shape: BatchShape): Bindings {
  const bindings: Record<string, number> = {};
  for (const input of graph.inputs) {
    const dims = input.type?.dims ?? [];
    const wanted = isSource(graph, input) ? [shape.batch] : wantedSizes(input, shape);
    dims.forEach(({ value, symbol }, axis) => {
      const size = wanted[axis];
      if (size === undefined || size === value) return;
      if (value !== undefined) throw wrongSize(input.name, axis, value, size);
      bindings[symbol || openSymbol(input.name, axis)] = size;
    });
  }
  return { ...bindings, ...shape.sizes };
}

/** A source, or what an encoder made of it: as long as it is, whatever is written about it. */
function isSource({ inputs }: Graph, { name }: ValueInfo): boolean {
  if (/^encoder_/.test(name)) return true;
  const beside = inputs.some((input) => input.name === 'decoder_input_ids');
  return beside && !/^decoder_/.test(name) && !isCacheInput(name);
}

/** Sizes of an input's axes; undefined where any will do. */
function wantedSizes(
  { name, type }: ValueInfo,
  { batch, length }: BatchShape,
): readonly (number | undefined)[] {
  const dims = type?.dims ?? [];
  if (isCacheInput(name)) return dims.map(({ value }, axis) => (axis === 0 ? batch : (value ?? 0)));
  // Four axes are an image's: the second holds its channels.
  return dims.length === 2 || dims.length === 3 ? [batch, length] : [batch];
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
