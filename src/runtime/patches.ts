import { LatheError } from '../core/errors/lathe-error.ts';
import { intAttribute, intsAttribute, stringAttribute } from '../core/onnx/graph/attributes.ts';
import type { Node } from '../core/onnx/types.ts';
import type { Value } from '../core/tensor/values.ts';
import { toFloats } from './values.ts';

/** One spatial axis of a convolution. */
interface Axis {
  readonly size: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly padBefore: number;
  readonly outputs: number;
}

/**
 * im2col: the input [N, C, spatial…] of a Conv as its patches [N·groups·∏outputs, C/groups·∏kernel],
 * columns in the weight's order (channel, then kernel axes), zeros where padding is read. With
 * groups, the patches of all groups are rows of one X, because the weight has one set of columns.
 * @see ONNX operator Conv (attributes kernel_shape, strides, dilations, pads, auto_pad, group)
 */
export function patchesOf(node: Node, value: Value) {
  const [batch = 0, channels = 0, ...spatial] = value.dims;
  const groups = intAttribute(node, 'group', 1);
  const axes = axesOf(node, spatial);
  const x = toFloats(value);
  const perGroup = channels / groups;
  const columns = perGroup * product(axes.map((axis) => axis.kernel));
  const positions = product(axes.map((axis) => axis.outputs));
  const rows = batch * groups * positions;
  const patches = new Float32Array(rows * columns);
  const reach = axes.map((axis) => sources(axis));
  const plane = product(spatial);
  for (let image = 0, to = 0; image < batch * groups; image++) {
    const start = image * perGroup * plane;
    for (let position = 0; position < positions; position++, to += columns) {
      const offsets = patchOffsets(axes, reach, position);
      for (let c = 0; c < perGroup; c++) {
        copyPatch(patches, to + c * offsets.length, x, start + c * plane, offsets);
      }
    }
  }
  return { x: patches, rows, columns };
}

/** For each output and kernel index of an axis the input index it reads, −1 in the padding. */
function sources({ size, kernel, stride, dilation, padBefore, outputs }: Axis): Int32Array {
  return Int32Array.from({ length: outputs * kernel }, (_, i) => {
    const [output, k] = [Math.floor(i / kernel), i % kernel];
    const source = output * stride + k * dilation - padBefore;
    return source >= 0 && source < size ? source : -1;
  });
}

/** Offsets within one channel plane that the patch at a flat output position reads. */
function patchOffsets(
  axes: readonly Axis[],
  reach: readonly Int32Array[],
  position: number,
): Int32Array {
  let offsets = Int32Array.of(0);
  let rest = position;
  const outputIndex = new Array<number>(axes.length);
  for (let a = axes.length - 1; a >= 0; a--) {
    outputIndex[a] = rest % axes[a].outputs;
    rest = Math.floor(rest / axes[a].outputs);
  }
  axes.forEach(({ kernel, size }, a) => {
    const wider = new Int32Array(offsets.length * kernel);
    offsets.forEach((offset, i) => {
      for (let k = 0; k < kernel; k++) {
        const source = reach[a][outputIndex[a] * kernel + k];
        wider[i * kernel + k] = offset < 0 || source < 0 ? -1 : offset * size + source;
      }
    });
    offsets = wider;
  });
  return offsets;
}

function copyPatch(
  to: Float32Array,
  at: number,
  from: Float32Array,
  plane: number,
  offsets: Int32Array,
): void {
  for (let i = 0; i < offsets.length; i++) {
    if (offsets[i] >= 0) to[at + i] = from[plane + offsets[i]];
  }
}

function axesOf(node: Node, spatial: readonly number[]): Axis[] {
  const kernels = intsAttribute(node, 'kernel_shape');
  if (kernels === undefined) throw noKernelShape(node);
  const ones = spatial.map(() => 1);
  const strides = intsAttribute(node, 'strides') ?? ones;
  const dilations = intsAttribute(node, 'dilations') ?? ones;
  const pads = intsAttribute(node, 'pads') ?? spatial.flatMap(() => [0, 0]);
  const autoPad = stringAttribute(node, 'auto_pad', 'NOTSET');
  return spatial.map((size, a) => {
    const part = { size, kernel: kernels[a], stride: strides[a], dilation: dilations[a] };
    return autoPad === 'NOTSET'
      ? explicitAxis(part, pads[a], pads[a + spatial.length])
      : automaticAxis(part, autoPad);
  });
}

type Part = Pick<Axis, 'size' | 'kernel' | 'stride' | 'dilation'>;

function explicitAxis(part: Part, padBefore: number, padAfter: number): Axis {
  const span = (part.kernel - 1) * part.dilation + 1;
  const outputs = Math.floor((part.size + padBefore + padAfter - span) / part.stride) + 1;
  return { ...part, padBefore, outputs: Math.max(0, outputs) };
}

function automaticAxis(part: Part, autoPad: string): Axis {
  if (autoPad === 'VALID') return explicitAxis(part, 0, 0);
  const outputs = Math.ceil(part.size / part.stride);
  const span = (part.kernel - 1) * part.dilation + 1;
  const total = Math.max(0, (outputs - 1) * part.stride + span - part.size);
  const padBefore = autoPad === 'SAME_LOWER' ? Math.ceil(total / 2) : Math.floor(total / 2);
  return { ...part, padBefore, outputs };
}

function product(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a * b, 1);
}

function noKernelShape(node: Node): LatheError {
  return new LatheError(
    'conv-kernel-shape',
    `The convolution "${node.name}" does not state its kernel_shape, so its input cannot be unfolded to patches; leave this layer out of the recipe.`,
    { node: node.name },
  );
}
