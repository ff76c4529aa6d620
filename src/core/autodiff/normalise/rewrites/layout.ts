import { intAttribute, intsAttribute, stringAttribute } from '../../../onnx/graph/attributes.ts';
import { MICROSOFT } from '../../../onnx/operators/entry.ts';
import { resolveAxis } from '../../dims.ts';
import type { RewriteContext, RewriteEntry } from '../types.ts';

/** Squeeze, Unsqueeze, Flatten, and a Reshape whose shape is not stored: the known sizes are. */
function reshaped({ emit, input, outputType }: RewriteContext) {
  const { dims } = outputType();
  if (!dims.includes(0)) return [emit.reshape(input(0), dims)];
  // In a shape 0 means "as it was" unless it is said to mean 0 (the length of an empty cache).
  const shape = [input(0), emit.integers(...dims)];
  return [emit.op('Reshape', shape, dims, { attributes: { allowzero: 1 } })];
}

function reshape(context: RewriteContext) {
  const stored = context.opset >= 5 && context.emit.constant(context.input(1)) !== undefined;
  return stored ? undefined : reshaped(context);
}

function expand({ emit, input, outputType }: RewriteContext) {
  return emit.constant(input(1)) === undefined
    ? [emit.expand(input(0), outputType().dims)]
    : undefined;
}

/** Split with the sizes of its parts as an input, whatever its version says them by. */
function split({ node, emit, input, dims, outputType }: RewriteContext) {
  const axis = resolveAxis(intAttribute(node, 'axis', 0), dims(0).length);
  const parts = node.outputs.map((_, index) => outputType(index).dims);
  const sizes = emit.integers(...parts.map((part) => part[axis]));
  return emit.ops('Split', [input(0), sizes], parts, { attributes: { axis } });
}

/** Slice before version 10: bounds as attributes. */
function slice({ node, opset, emit, input, outputType }: RewriteContext) {
  if (opset >= 10) return undefined;
  const starts = intsAttribute(node, 'starts', []);
  const bounds = [starts, intsAttribute(node, 'ends', [])];
  const axes = intsAttribute(node, 'axes') ?? starts.map((_, axis) => axis);
  const inputs = [...bounds, axes].map((values) => emit.integers(...values.map(wholeBound)));
  return [emit.op('Slice', [input(0), ...inputs], outputType().dims)];
}

/** An open end is INT64_MAX, which no double holds: any number past every axis does. */
function wholeBound(value: number): number {
  return Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, value));
}

/** DepthToSpace: channels become squares of blocksize² pixels; `mode` says which channels first. */
function depthToSpace({ node, emit, input, dims, outputType }: RewriteContext) {
  const size = intAttribute(node, 'blocksize', 1);
  const [batch, channels, height, width] = dims(0);
  const depth = channels / size ** 2;
  const columnsFirst = stringAttribute(node, 'mode', 'DCR') === 'CRD';
  const cut = columnsFirst
    ? emit.reshape(input(0), [batch, depth, size, size, height, width])
    : emit.reshape(input(0), [batch, size, size, depth, height, width]);
  const turned = emit.transpose(cut, columnsFirst ? [0, 1, 4, 2, 5, 3] : [0, 3, 4, 1, 5, 2]);
  return [emit.reshape(turned, outputType().dims)];
}

/** SpaceToDepth: squares of blocksize² pixels become channels. */
function spaceToDepth({ node, emit, input, dims, outputType }: RewriteContext) {
  const size = intAttribute(node, 'blocksize', 1);
  const [batch, channels, height, width] = dims(0);
  const cut = emit.reshape(input(0), [batch, channels, height / size, size, width / size, size]);
  return [emit.reshape(emit.transpose(cut, [0, 3, 5, 1, 2, 4]), outputType().dims)];
}

/** Trilu of onnxruntime's domain is the standard one. */
function trilu({ node, emit, input, has, dims }: RewriteContext) {
  const attributes = { upper: intAttribute(node, 'upper') };
  return [emit.op('Trilu', has(1) ? [input(0), input(1)] : [input(0)], dims(0), { attributes })];
}

/** The mean of each channel over all places: [batch, channels, …] → [batch, channels, 1 …]. */
function globalAverage({ emit, input, dims }: RewriteContext) {
  const axes = dims(0).map((_, axis) => axis);
  return [emit.reduce('ReduceMean', input(0), axes.slice(2))];
}

export const layoutRewrites: readonly RewriteEntry[] = [
  { operators: ['Squeeze', 'Unsqueeze', 'Flatten'], rewrite: reshaped },
  { operators: ['Reshape'], rewrite: reshape },
  { operators: ['Expand'], rewrite: expand },
  { operators: ['Split'], rewrite: split },
  { operators: ['Slice'], rewrite: slice },
  { operators: ['DepthToSpace'], rewrite: depthToSpace },
  { operators: ['SpaceToDepth'], rewrite: spaceToDepth },
  { operators: ['Trilu'], domain: MICROSOFT, rewrite: trilu },
  { operators: ['GlobalAveragePool'], rewrite: globalAverage },
];
