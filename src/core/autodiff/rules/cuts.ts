const STEPS = 'it is constant between its jumps, so its derivative is zero wherever it exists';
const POSITIONS = 'it gives positions or sizes, which have no derivative';
const TRUTH = 'it gives truth values, which have no derivative';
const FRESH = 'what it makes depends on no number that could be trained';
const INTEGERS = 'it computes in integers, which have no derivative';

const REASONS: readonly (readonly [reason: string, operators: readonly string[]])[] = [
  [STEPS, ['Floor', 'Ceil', 'Round', 'Sign']],
  [POSITIONS, ['ArgMax', 'ArgMin', 'NonZero', 'OneHot', 'Shape', 'Size']],
  [TRUTH, ['Equal', 'Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual']],
  [TRUTH, ['And', 'Or', 'Xor', 'Not', 'IsNaN', 'IsInf']],
  [FRESH, ['Constant', 'ConstantOfShape', 'EyeLike', 'Range']],
  [FRESH, ['RandomNormal', 'RandomNormalLike', 'RandomUniform', 'RandomUniformLike']],
  [INTEGERS, ['BitShift', 'BitwiseAnd', 'BitwiseNot', 'BitwiseOr', 'BitwiseXor']],
];

/** Operators at which gradients end, with the reason. */
export const cutReasons: ReadonlyMap<string, string> = new Map(
  REASONS.flatMap(([reason, operators]) =>
    operators.map((name): [string, string] => [name, reason]),
  ),
);
