import { floatAttribute } from '../../onnx/graph/attributes.ts';
import type { GradientContext, GradientEntry } from '../types.ts';

/** y = a where c, else b: ∂L/∂a = ∂L/∂y where c, ∂L/∂b = ∂L/∂y where not c, else 0. */
function where({ emit, dy, input, dims, wants }: GradientContext): (string | undefined)[] {
  const zero = emit.scalar(0, emit.dataType(dy));
  return [
    undefined,
    wants(1) ? emit.sumTo(emit.where(input(0), dy, zero), dims(1)) : undefined,
    wants(2) ? emit.sumTo(emit.where(input(0), zero, dy), dims(2)) : undefined,
  ];
}

/** y = max or min of x₁ … xₙ: ∂L/∂xᵢ = ∂L/∂y ⊘ (number of equals) where xᵢ = y, else 0. */
function extreme({ node, emit, dy, input, output, dims, wants }: GradientContext) {
  const type = emit.dataType(dy);
  const all = node.inputs.map((x) => emit.compare('Equal', x, output()));
  const one = emit.scalar(1, type);
  const zero = emit.scalar(0, type);
  const counts = all.map((equal) => emit.where(equal, one, zero));
  const share = emit.div(
    dy,
    counts.reduce((a, b) => emit.add(a, b)),
  );
  return node.inputs.map((_, i) => {
    if (!wants(i)) return undefined;
    if (node.inputs.length === 1) return emit.reshape(dy, dims(i));
    return input(i) === '' ? undefined : emit.sumTo(emit.where(all[i], share, zero), dims(i));
  });
}

/**
 * y = min(max(x, low), high): ∂L/∂x = ∂L/∂y where low ≤ x ≤ high, else 0; ∂L/∂low and ∂L/∂high are the
 * sums of ∂L/∂y where x lies below and above. Bounds are attributes below opset 11.
 */
function clip(context: GradientContext): (string | undefined)[] {
  const { emit, dy, input, wants } = context;
  const [low, high] = [bound(context, 1, 'min'), bound(context, 2, 'max')];
  const zero = emit.scalar(0, emit.dataType(dy));
  const below = low === undefined ? undefined : emit.compare('Less', input(0), low);
  const above = high === undefined ? undefined : emit.compare('Greater', input(0), high);
  const inside = () => {
    const over = above === undefined ? dy : emit.where(above, zero, dy);
    return below === undefined ? over : emit.where(below, zero, over);
  };
  const outside = (side: string | undefined) =>
    side === undefined ? undefined : emit.sumTo(emit.where(side, dy, zero), []);
  return [
    wants(0) ? inside() : undefined,
    wants(1) ? outside(below) : undefined,
    wants(2) ? outside(above) : undefined,
  ];
}

function bound({ node, emit, input }: GradientContext, index: number, name: string) {
  if (input(index) !== '') return input(index);
  const given = floatAttribute(node, name);
  return given === undefined ? undefined : emit.scalar(given, emit.dataType(input(0)));
}

/** y = Σᵢ xᵢ: ∂L/∂xᵢ = ∂L/∂y, summed over what was broadcast; Mean divides by the number of inputs. */
function sum({ node, emit, dy, dims, wants }: GradientContext): (string | undefined)[] {
  const shared = node.opType === 'Mean' ? emit.scale(dy, 1 / node.inputs.length) : dy;
  return node.inputs.map((_, i) => (wants(i) ? emit.sumTo(shared, dims(i)) : undefined));
}

export const selectionRules: readonly GradientEntry[] = [
  {
    operators: ['Where'],
    rule: where,
    equation: '∂L/∂a = ∂L/∂y where c, ∂L/∂b = ∂L/∂y where not c',
  },
  {
    operators: ['Min', 'Max'],
    rule: extreme,
    equation: '∂L/∂xᵢ = ∂L/∂y where xᵢ = y, shared among equals',
  },
  { operators: ['Clip'], rule: clip, equation: '∂L/∂x = ∂L/∂y where low ≤ x ≤ high' },
  { operators: ['Sum'], rule: sum, equation: '∂L/∂xᵢ = ∂L/∂y' },
  { operators: ['Mean'], rule: sum, equation: '∂L/∂xᵢ = ∂L/∂y / n' },
];
