import { parseExpression } from './parse-expression.ts';
import type { Bindings } from './parse-expression.ts';
import { extremePolynomial, floorPolynomial } from './polynomial-calls.ts';
import {
  addPolynomials,
  constantOf,
  constantPolynomial,
  divideByMonomial,
  formatPolynomial,
  isNonNegative,
  multiplyPolynomials,
} from './polynomial.ts';
import type { Polynomial } from './polynomial.ts';

/** One size: a number, a symbolic expression in canonical form ("2*sequence"), or unknown. */
export type Dim = number | string | undefined;

export type { Bindings };

/** The polynomial of a known size. */
export function toPolynomial(dim: number | string): Polynomial {
  return typeof dim === 'number' ? constantPolynomial(dim) : parseExpression(dim, {});
}

/** Back to a number or canonical text; undefined where it grew beyond what is worth carrying. */
export function fromPolynomial(polynomial: Polynomial): Dim {
  const constant = constantOf(polynomial);
  if (constant !== undefined) return Number.isSafeInteger(constant) ? constant : undefined;
  return formatPolynomial(polynomial);
}

/** A size as a file writes it: canonical, with `bindings` put in; '' and '?' mean unknown. */
export function bindDim(dim: Dim, bindings: Bindings): Dim {
  if (typeof dim !== 'string') return dim;
  if (Object.hasOwn(bindings, dim)) return bindings[dim];
  if (dim === '' || dim === '?') return undefined;
  return fromPolynomial(parseExpression(dim, bindings));
}

type Combine = (a: Polynomial, b: Polynomial) => Dim;

function combine(a: Dim, b: Dim, numbers: (a: number, b: number) => Dim, other: Combine): Dim {
  if (a === undefined || b === undefined) return undefined;
  if (typeof a === 'number' && typeof b === 'number') return numbers(a, b);
  return other(toPolynomial(a), toPolynomial(b));
}

const safe = (value: number): Dim => (Number.isSafeInteger(value) ? value : undefined);

/** a + b. */
export function addDims(a: Dim, b: Dim): Dim {
  return combine(
    a,
    b,
    (x, y) => safe(x + y),
    (x, y) => fromPolynomial(addPolynomials(x, y)),
  );
}

/** a − b. */
export function subtractDims(a: Dim, b: Dim): Dim {
  return addDims(a, multiplyDims(b, -1));
}

/** a · b; 0 and 1 are used even when the other is unknown. */
export function multiplyDims(a: Dim, b: Dim): Dim {
  if (a === 0 || b === 0) return 0;
  if (a === 1) return b;
  if (b === 1) return a;
  return combine(
    a,
    b,
    (x, y) => safe(x * y),
    (x, y) => fromPolynomial(multiplyPolynomials(x, y)),
  );
}

/** ∏ dims. */
export function productOf(dims: readonly Dim[]): Dim {
  if (dims.includes(0)) return 0;
  return dims.reduce((product: Dim, dim) => multiplyDims(product, dim), 1);
}

/** ⌊a / b⌋; undefined when b is 0. */
export function floorDivideDims(a: Dim, b: Dim): Dim {
  if (b === 0) return undefined;
  return combine(
    a,
    b,
    (x, y) => safe(Math.floor(x / y)),
    (x, y) => fromPolynomial(floorPolynomial(x, y)),
  );
}

/** ⌈a / b⌉ = ⌊(a + b − 1) / b⌋ for b > 0. */
export function ceilDivideDims(a: Dim, b: Dim): Dim {
  return floorDivideDims(addDims(a, subtractDims(b, 1)), b);
}

/** a / b where it is known to leave no remainder, else undefined. */
export function divideExactly(a: Dim, b: Dim): Dim {
  if (b === 0) return undefined;
  const divide = (x: number, y: number): Dim => (x % y === 0 ? x / y : undefined);
  return combine(a, b, divide, (x, y) => {
    const quotient = divideByMonomial(x, y);
    return quotient && fromPolynomial(quotient);
  });
}

/** max(a, b). */
export function maxDims(a: Dim, b: Dim): Dim {
  return combine(a, b, Math.max, (x, y) => fromPolynomial(extremePolynomial('max', x, y)));
}

/** min(a, b). */
export function minDims(a: Dim, b: Dim): Dim {
  return combine(a, b, Math.min, (x, y) => fromPolynomial(extremePolynomial('min', x, y)));
}

/** True when a size is provably ≥ 0: symbols stand for sizes, so only a minus makes doubt. */
export function isAtLeastZero(dim: Dim): boolean {
  if (typeof dim === 'number') return dim >= 0;
  return dim !== undefined && isNonNegative(toPolynomial(dim));
}

/** Whether two sizes are equal: true, false, or undefined when it depends. */
export function sameDim(a: Dim, b: Dim): boolean | undefined {
  if (a === undefined || b === undefined) return undefined;
  if (a === b) return true;
  const difference = subtractDims(a, b);
  if (difference === undefined) return undefined;
  if (typeof difference === 'number') return difference === 0;
  const apart = addDims(difference, -1);
  const below = addDims(multiplyDims(difference, -1), -1);
  return isAtLeastZero(apart) || isAtLeastZero(below) ? false : undefined;
}
