import {
  addPolynomials,
  atom,
  constantOf,
  divideByMonomial,
  formatTerms,
  isNonNegative,
  scalePolynomial,
} from './polynomial.ts';
import type { Polynomial } from './polynomial.ts';

/** ⌊a / b⌋; what divides evenly is taken out, the rest stays as `floor(rest, b)`. */
export function floorPolynomial(a: Polynomial, b: Polynomial): Polynomial {
  const exact = divideByMonomial(a, b);
  if (exact) return exact;
  const divisor = constantOf(b);
  if (divisor === undefined) return floorCall(a, b);
  if (divisor <= 0) return atom('?');
  const whole: Polynomial = new Map();
  const rest: Polynomial = new Map();
  for (const [key, coefficient] of a) {
    const quotient = Math.floor(coefficient / divisor);
    const remainder = coefficient - quotient * divisor;
    if (key !== '' && remainder !== 0) rest.set(key, coefficient);
    else if (quotient !== 0) whole.set(key, quotient);
    if (key === '' && remainder !== 0) rest.set(key, remainder);
  }
  // A rest without symbols lies in [0, b): its floor is 0.
  if (constantOf(rest) !== undefined) return whole;
  return addPolynomials(whole, floorCall(rest, b));
}

function floorCall(a: Polynomial, b: Polynomial): Polynomial {
  const above = formatTerms(a);
  const below = formatTerms(b);
  const known = above !== undefined && below !== undefined;
  return atom(known ? `floor(${above}, ${below})` : '?');
}

/** max(a, b) or min(a, b): decided where the difference has a known sign, else kept as a call. */
export function extremePolynomial(name: 'max' | 'min', a: Polynomial, b: Polynomial): Polynomial {
  const difference = addPolynomials(a, scalePolynomial(b, -1));
  if (isNonNegative(difference)) return name === 'max' ? a : b;
  if (isNonNegative(scalePolynomial(difference, -1))) return name === 'max' ? b : a;
  const left = formatTerms(a);
  const right = formatTerms(b);
  if (left === undefined || right === undefined) return atom('?');
  return atom(`${name}(${[left, right].sort().join(', ')})`);
}
