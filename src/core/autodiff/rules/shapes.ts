import { floatAttribute, intsAttribute } from '../../onnx/graph/attributes.ts';
import type { GradientContext, GradientEntry, GradientRule } from '../types.ts';
import { constantNumbers, noGradientForm } from './read-node.ts';

/** y = x in another shape: ∂L/∂x = ∂L/∂y in the shape of x. */
const reshape: GradientRule = ({ emit, dy, dims }) => [emit.reshape(dy, dims(0))];

/** y = x with its axes permuted by π: ∂L/∂x = ∂L/∂y permuted by π⁻¹. */
function transpose({ node, emit, dy, dims }: GradientContext): string[] {
  const rank = dims(0).length;
  const reversed = Array.from({ length: rank }, (_, axis) => rank - 1 - axis);
  const perm = intsAttribute(node, 'perm', reversed);
  const inverse = perm.map((_, axis) => perm.indexOf(axis));
  return [emit.transpose(dy, inverse)];
}

/** y = x broadcast: ∂L/∂x = ∂L/∂y summed over what was broadcast. */
const expand: GradientRule = ({ emit, dy, dims }) => [emit.sumTo(dy, dims(0))];

/** y = x repeated rₐ times along each axis a: ∂L/∂x = Σ over the repetitions of ∂L/∂y. */
function tile({ emit, dy, dims }: GradientContext): string[] {
  const sizes = dims(0);
  const tiled = emit.dims(dy);
  const split = sizes.flatMap((size, axis) => [size === 0 ? 0 : tiled[axis] / size, size]);
  const repeats = sizes.flatMap((_, axis) => (split[2 * axis] === 1 ? [] : [2 * axis]));
  return [emit.reshape(emit.reduceSum(emit.reshape(dy, split), repeats), sizes)];
}

/** y = x in another floating type: ∂L/∂x = ∂L/∂y in the type of x. */
const cast: GradientRule = ({ emit, dy, input }) => [emit.cast(dy, emit.dataType(input(0)))];

/**
 * y = x ⊙ m/(1 − p) with the mask m (output 1) of kept elements: ∂L/∂x = ∂L/∂y ⊙ m/(1 − p). Outside
 * training mode y = x and ∂L/∂x = ∂L/∂y.
 * @see Srivastava et al. 2014, JMLR 15
 */
function dropout(context: GradientContext): string[] {
  const { node, emit, dy, input, output } = context;
  if (input(2) === '' || constantNumbers(context, 2, 'mode')[0] === 0) return [dy];
  if (output(1) === '') throw noGradientForm(context, 'in training mode without its mask');
  const fallback = floatAttribute(node, 'ratio', 0.5);
  const ratio = input(1) === '' ? fallback : constantNumbers(context, 1, 'ratio')[0];
  const zero = emit.scalar(0, emit.dataType(dy));
  return [emit.where(output(1), emit.scale(dy, 1 / (1 - ratio)), zero)];
}

/** y = x: ∂L/∂x = ∂L/∂y. */
const identity: GradientRule = ({ dy }) => [dy];

export const shapeRules: readonly GradientEntry[] = [
  { operators: ['Identity'], rule: identity, equation: '∂L/∂x = ∂L/∂y' },
  {
    operators: ['Reshape', 'Squeeze', 'Unsqueeze', 'Flatten'],
    rule: reshape,
    equation: '∂L/∂x = ∂L/∂y in the shape of x',
  },
  { operators: ['Transpose'], rule: transpose, equation: '∂L/∂x = ∂L/∂y permuted back' },
  { operators: ['Expand'], rule: expand, equation: '∂L/∂x = Σ ∂L/∂y over what was broadcast' },
  { operators: ['Tile'], rule: tile, equation: '∂L/∂x = Σ ∂L/∂y over the repetitions' },
  {
    operators: ['Cast', 'CastLike'],
    rule: cast,
    equation: '∂L/∂x = ∂L/∂y in the type of x',
    note: 'between floating types; a cast to or from integers and booleans ends the path',
  },
  {
    operators: ['Dropout'],
    rule: dropout,
    equation: '∂L/∂x = ∂L/∂y ⊙ m/(1 − p)',
    note: 'in training mode with its mask output',
  },
];
