import { DataType } from '../../../tensor/data-type.ts';
import { intAttribute } from '../../graph/attributes.ts';
import { broadcastDims } from '../broadcast.ts';
import {
  addDims,
  divideExactly,
  floorDivideDims,
  isAtLeastZero,
  maxDims,
  minDims,
  multiplyDims,
  sameDim,
  subtractDims,
} from '../dimension.ts';
import type { Dim } from '../dimension.ts';
import { isCarried, isWholeType, rounded } from '../known.ts';
import type { Evaluator, Known, RuleContext } from '../types.ts';
import { broadcastOffset, mapPositions } from './positions.ts';

type Symbolic = (a: Dim, b: Dim) => Dim;
type Numeric = (a: number, b: number) => number;

/** Element-wise with broadcasting; `symbolic` takes over where an element is an expression. */
export function elementwise(
  inputs: readonly (Known | undefined)[],
  dataType: number,
  combine: (elements: readonly Dim[]) => Dim,
): Known | undefined {
  const all: Known[] = [];
  for (const known of inputs) {
    if (!known) return undefined;
    all.push(known);
  }
  const dims = broadcastDims(...all.map((known) => known.dims));
  if (all.length === 0 || !isCarried(dataType, dims)) return undefined;
  const elements = mapPositions(dims, (position) =>
    combine(all.map((known) => known.elements[broadcastOffset(position, known.dims)])),
  );
  return { dataType, dims, elements };
}

function allInputs(c: RuleContext): readonly (Known | undefined)[] {
  return c.node.inputs.map((_, index) => c.known(index));
}

function folding(numeric: Numeric, symbolic: Symbolic): Evaluator {
  return (c) => {
    const dataType = c.known(0)?.dataType ?? 0;
    const pair = (a: Dim, b: Dim): Dim => {
      if (typeof a !== 'number' || typeof b !== 'number') return symbolic(a, b);
      return rounded(dataType, numeric(a, b));
    };
    return elementwise(allInputs(c), dataType, (elements) => elements.reduce(pair));
  };
}

/** Division: whole numbers truncate toward zero; an expression stands for a size, so ⌊a / b⌋. */
const divide: Evaluator = (c, output, which) => {
  const whole = isWholeType(c.known(0)?.dataType ?? 0);
  return folding(
    (a, b) => (whole ? Math.trunc(a / b) : a / b),
    whole ? floorDivideDims : divideExactly,
  )(c, output, which);
};

/** Mod takes the divisor's sign, with `fmod` the dividend's. */
const modulo: Evaluator = (c, output, which) => {
  const truncating = intAttribute(c.node, 'fmod', 0) === 1;
  const rest = (a: number, b: number): number => (truncating ? a % b : a - b * Math.floor(a / b));
  return folding(rest, (a, b) => subtractDims(a, multiplyDims(b, floorDivideDims(a, b))))(
    c,
    output,
    which,
  );
};

const power: Evaluator = (c, output, which) => {
  if (!isWholeType(c.known(0)?.dataType ?? 0)) return undefined;
  return folding(
    (a, b) => a ** b,
    (a, b) => (b === 1 ? a : b === 2 ? multiplyDims(a, a) : undefined),
  )(c, output, which);
};

function comparing(
  numeric: (a: number, b: number) => boolean,
  symbolic: (a: Dim, b: Dim) => boolean | undefined,
): Evaluator {
  return (c) =>
    elementwise(allInputs(c), DataType.bool, ([a, b]) => {
      const known = typeof a === 'number' && typeof b === 'number';
      const answer = known ? numeric(a, b) : symbolic(a, b);
      return answer === undefined ? undefined : Number(answer);
    });
}

/** a < b for expressions: certain only where the difference cannot change its sign. */
function less(a: Dim, b: Dim): boolean | undefined {
  const difference = subtractDims(b, a);
  if (isAtLeastZero(addDims(difference, -1))) return true;
  return isAtLeastZero(multiplyDims(difference, -1)) ? false : undefined;
}

const not = (answer: boolean | undefined): boolean | undefined =>
  answer === undefined ? undefined : !answer;

function logical(numeric: (a: number, b: number) => boolean): Evaluator {
  return (c) =>
    elementwise(allInputs(c), DataType.bool, (elements) =>
      elements.reduce((a, b) =>
        typeof a === 'number' && typeof b === 'number' ? Number(numeric(a, b)) : undefined,
      ),
    );
}

/** One number in, one out, of the same type; expressions stand for whole numbers ≥ 0. */
function unary(
  numeric: (a: number) => number,
  symbolic: (a: Dim) => Dim = () => undefined,
): Evaluator {
  return (c) => {
    const dataType = c.known(0)?.dataType ?? 0;
    return elementwise([c.known(0)], dataType, ([a]) =>
      typeof a === 'number' ? rounded(dataType, numeric(a)) : symbolic(a),
    );
  };
}

function roundHalfEven(value: number): number {
  const near = Math.round(value);
  return Math.abs(value % 1) === 0.5 && near % 2 !== 0 ? near - 1 : near;
}

const where: Evaluator = (c) => {
  const dataType = c.known(1)?.dataType ?? 0;
  return elementwise([c.known(0), c.known(1), c.known(2)], dataType, ([condition, x, y]) => {
    if (condition !== undefined) return condition === 0 ? y : x;
    return sameDim(x, y) === true ? x : undefined;
  });
};

/** Cast and CastLike: floats truncate to whole numbers, expressions pass through. */
function castTo(target: (c: RuleContext) => number): Evaluator {
  return (c) => {
    const dataType = target(c);
    const whole = isWholeType(dataType);
    return elementwise([c.known(0)], dataType, ([a]) => {
      if (typeof a !== 'number') return dataType === DataType.bool ? undefined : a;
      return rounded(dataType, whole ? Math.trunc(a) : a);
    });
  };
}

const keep = (a: Dim): Dim => a;

export const arithmeticEvaluators: Readonly<Record<string, Evaluator>> = {
  Add: folding((a, b) => a + b, addDims),
  Sub: folding((a, b) => a - b, subtractDims),
  Mul: folding((a, b) => a * b, multiplyDims),
  Sum: folding((a, b) => a + b, addDims),
  Max: folding(Math.max, maxDims),
  Min: folding(Math.min, minDims),
  Div: divide,
  Mod: modulo,
  Pow: power,
  Equal: comparing((a, b) => a === b, sameDim),
  Less: comparing((a, b) => a < b, less),
  Greater: comparing(
    (a, b) => a > b,
    (a, b) => less(b, a),
  ),
  LessOrEqual: comparing(
    (a, b) => a <= b,
    (a, b) => not(less(b, a)),
  ),
  GreaterOrEqual: comparing(
    (a, b) => a >= b,
    (a, b) => not(less(a, b)),
  ),
  And: logical((a, b) => a !== 0 && b !== 0),
  Or: logical((a, b) => a !== 0 || b !== 0),
  Xor: logical((a, b) => a !== b),
  Not: unary((a) => Number(a === 0)),
  Neg: unary(
    (a) => -a,
    (a) => multiplyDims(a, -1),
  ),
  Abs: unary(Math.abs, (a) => (isAtLeastZero(a) ? a : undefined)),
  Floor: unary(Math.floor, keep),
  Ceil: unary(Math.ceil, keep),
  Round: unary(roundHalfEven, keep),
  Sqrt: unary(Math.sqrt),
  Reciprocal: unary((a) => 1 / a),
  Sign: unary(Math.sign),
  Where: where,
  Cast: castTo((c) => intAttribute(c.node, 'to', 0)),
  CastLike: castTo((c) => c.dataType(1)),
};
