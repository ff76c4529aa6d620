import { intAttribute, intsAttribute, stringAttribute } from '../../onnx/graph/attributes.ts';
import type { GradientContext, GradientEntry } from '../types.ts';
import { noGradientForm } from './read-node.ts';

interface Geometry {
  readonly group: number;
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly before: readonly number[];
  readonly after: readonly number[];
  /** Sizes of the window, of x and of y along the spatial axes. */
  readonly kernel: readonly number[];
  readonly from: readonly number[];
  readonly to: readonly number[];
}

/**
 * Y[n, m, p] = Σ_{c, k} X[n, c, p·stride + k·dilation − pad]·W[m, c, k] + B[m]:
 * ∂L/∂X = the transposed convolution of ∂L/∂Y with W; ∂L/∂W[m, c, k] = Σ_{n, p} X[…]·∂L/∂Y[n, m, p],
 * a convolution of X by ∂L/∂Y with batch and channels, stride and dilation exchanged; ∂L/∂B = Σ ∂L/∂Y.
 */
function conv(context: GradientContext): (string | undefined)[] {
  const { emit, dy, dims, wants } = context;
  const g = geometryOf(context);
  const others = dims(0).flatMap((_, axis) => (axis === 1 ? [] : [axis]));
  return [
    wants(0) ? inputGradient(context, g) : undefined,
    wants(1) ? weightGradient(context, g) : undefined,
    wants(2) ? emit.reduceSum(dy, others, false) : undefined,
  ];
}

function geometryOf(context: GradientContext): Geometry {
  const { node, emit, dy, dims } = context;
  const kernel = dims(1).slice(2);
  const ones = kernel.map(() => 1);
  const from = dims(0).slice(2);
  const to = emit.dims(dy).slice(2);
  const strides = intsAttribute(node, 'strides', ones);
  const dilations = intsAttribute(node, 'dilations', ones);
  const given = intsAttribute(node, 'pads', [...ones, ...ones].fill(0));
  const shape = { group: intAttribute(node, 'group', 1), strides, dilations, kernel, from, to };
  const mode = stringAttribute(node, 'auto_pad', 'NOTSET');
  if (mode === 'NOTSET' || mode === 'VALID') {
    const pads = mode === 'VALID' ? given.map(() => 0) : given;
    return { ...shape, before: pads.slice(0, kernel.length), after: pads.slice(kernel.length) };
  }
  const total = kernel.map((size, k) =>
    Math.max(0, (to[k] - 1) * strides[k] + (size - 1) * dilations[k] + 1 - from[k]),
  );
  const half = total.map((count) => Math.floor(count / 2));
  const rest = total.map((count, k) => count - half[k]);
  if (mode === 'SAME_UPPER') return { ...shape, before: half, after: rest };
  if (mode === 'SAME_LOWER') return { ...shape, before: rest, after: half };
  throw noGradientForm(context, `with auto_pad "${mode}"`);
}

/** output_padding gives back the elements that the last window did not reach. */
function inputGradient({ emit, dy, input, dims }: GradientContext, g: Geometry): string {
  const { group, strides, dilations, before, after, kernel, from, to } = g;
  const left = from.map((size, k) => {
    const reached = (to[k] - 1) * strides[k] + (kernel[k] - 1) * dilations[k] + 1;
    return size + before[k] + after[k] - reached;
  });
  const attributes = {
    group,
    strides,
    dilations,
    pads: [...before, ...after],
    output_padding: left,
    kernel_shape: kernel,
  };
  return emit.op('ConvTranspose', [dy, input(1)], dims(0), { attributes });
}

function weightGradient(context: GradientContext, g: Geometry): string {
  return isPatches(g) ? patchWeightGradient(context, g) : generalWeightGradient(context, g);
}

/** Windows that neither overlap nor leave gaps: the patch embedding of a vision transformer. */
function isPatches({ group, dilations, before, after, kernel, strides, from, to }: Geometry) {
  return (
    group === 1 &&
    [...before, ...after].every((pad) => pad === 0) &&
    kernel.every((k, a) => k === strides[a] && dilations[a] === 1 && from[a] === to[a] * k)
  );
}

/** One product of the patches [N·∏to, C·∏kernel] with ∂L/∂Y as [N·∏to, M]. */
function patchWeightGradient(
  { emit, dy, input, dims }: GradientContext,
  { kernel, to }: Geometry,
): string {
  const [batch, channels] = dims(0);
  const split = [batch, channels, ...to.flatMap((count, k) => [count, kernel[k]])];
  const places = to.map((_, k) => 2 + 2 * k);
  const within = to.map((_, k) => 3 + 2 * k);
  const patches = emit.transpose(emit.reshape(input(0), split), [0, ...places, 1, ...within]);
  const rows = batch * to.reduce((a, b) => a * b, 1);
  const columns = channels * kernel.reduce((a, b) => a * b, 1);
  const last = emit.transpose(dy, [0, ...to.map((_, k) => 2 + k), 1]);
  const out = emit.reshape(last, [rows, dims(1)[0]]);
  const dw = emit.gemm(out, emit.reshape(patches, [rows, columns]), true, false);
  return emit.reshape(dw, dims(1));
}

/** X as [C/G, G·N, …] convolved by ∂L/∂Y as [M, N, …] in G groups gives [C/G, M, kernel …]. */
function generalWeightGradient({ emit, dy, input, dims }: GradientContext, g: Geometry): string {
  const { group, strides, dilations, before, after, kernel, from, to } = g;
  const [batch, channels] = dims(0);
  const spatial = from.map((_, k) => 3 + k);
  const parted = emit.reshape(input(0), [batch, group, channels / group, ...from]);
  const turned = emit.transpose(parted, [2, 1, 0, ...spatial]);
  const x = emit.reshape(turned, [channels / group, group * batch, ...from]);
  const swap = [1, 0, ...from.map((_, k) => 2 + k)];
  const reached = from.map((size, k) => {
    const window = (to[k] - 1) * strides[k] + 1;
    return Math.floor((size + before[k] + after[k] - window) / dilations[k]) + 1;
  });
  const attributes = {
    group,
    strides: dilations,
    dilations: strides,
    pads: [...before, ...after],
    kernel_shape: to,
  };
  const size = [channels / group, dims(1)[0], ...reached];
  const all = emit.op('Conv', [x, emit.transpose(dy, swap)], size, { attributes });
  const cut = kernel.reduce((value, count, k) => {
    return reached[k] === count ? value : emit.slice(value, 2 + k, 0, count);
  }, all);
  return emit.transpose(cut, swap);
}

export const convolutionRules: readonly GradientEntry[] = [
  {
    operators: ['Conv'],
    rule: conv,
    equation: '∂L/∂X = ConvTranspose(∂L/∂Y, W), ∂L/∂W = X convolved by ∂L/∂Y, ∂L/∂B = Σ ∂L/∂Y',
  },
];
