/**
 * Integer polynomials over symbols: what sizes are made of. A key is a monomial, its factors sorted
 * and joined by '*' ('' is the constant), so equal polynomials have equal maps. A factor is a
 * symbol, a quoted name, or a call like `floor(a + 1, 2)` with canonical text inside.
 */
export type Polynomial = Map<string, number>;

const MAX_TERMS = 24;
const MAX_TEXT = 400;
const SEPARATOR = '\u0001';

export function constantPolynomial(value: number): Polynomial {
  return new Map<string, number>(value === 0 ? [] : [['', value]]);
}

export function atom(text: string): Polynomial {
  return new Map([[text, 1]]);
}

/** The number a polynomial without symbols is, else undefined. */
export function constantOf(polynomial: Polynomial): number | undefined {
  if (polynomial.size === 0) return 0;
  return polynomial.size === 1 ? polynomial.get('') : undefined;
}

export function addPolynomials(a: Polynomial, b: Polynomial): Polynomial {
  const sum: Polynomial = new Map(a);
  for (const [key, coefficient] of b) addTerm(sum, key, coefficient);
  return sum;
}

export function scalePolynomial(a: Polynomial, factor: number): Polynomial {
  if (factor === 0) return new Map();
  return new Map([...a].map(([key, coefficient]) => [key, coefficient * factor]));
}

export function multiplyPolynomials(a: Polynomial, b: Polynomial): Polynomial {
  const product: Polynomial = new Map();
  if (a.size * b.size > MAX_TERMS * MAX_TERMS) return atom('?');
  for (const [left, x] of a) {
    for (const [right, y] of b) addTerm(product, joinFactors(left, right), x * y);
  }
  return product;
}

/** a / m for a single-term m that divides every term (or m = a), else undefined. */
export function divideByMonomial(a: Polynomial, m: Polynomial): Polynomial | undefined {
  if (m.size !== 1) return equal(a, m) ? constantPolynomial(1) : undefined;
  const [[factors, coefficient]] = m;
  const quotient: Polynomial = new Map();
  for (const [key, value] of a) {
    const rest = removeFactors(key, factors);
    if (rest === undefined || value % coefficient !== 0) return undefined;
    quotient.set(rest, value / coefficient);
  }
  return quotient;
}

/** True when no value ≥ 0 of the symbols can make it negative (a sufficient test). */
export function isNonNegative(polynomial: Polynomial): boolean {
  return [...polynomial].every(([key, c]) => c >= 0 && !/[?-]/.test(key));
}

/** Canonical text; undefined when it is too long to carry or holds something unknown. */
export function formatPolynomial(polynomial: Polynomial): string | undefined {
  const text = formatTerms(polynomial);
  return text === undefined ? undefined : unquoteAlone(text);
}

/** The same for use inside a larger expression, where unusual names keep their quotes. */
export function formatTerms(polynomial: Polynomial): string | undefined {
  if (polynomial.size > MAX_TERMS) return undefined;
  const keys = [...polynomial.keys()].sort(compareMonomials);
  let text = '';
  for (const key of keys) text += formatTerm(key, polynomial.get(key) ?? 0, text === '');
  const usable = text.length <= MAX_TEXT && !hasUnknown(polynomial);
  if (!usable) return undefined;
  return text === '' ? '0' : text;
}

function hasUnknown(polynomial: Polynomial): boolean {
  return [...polynomial].some(
    ([key, c]) => !Number.isSafeInteger(c) || key.split(SEPARATOR).includes('?'),
  );
}

function formatTerm(key: string, coefficient: number, first: boolean): string {
  const size = Math.abs(coefficient);
  const factors = key === '' ? [] : key.split(SEPARATOR);
  const parts = size === 1 && factors.length > 0 ? factors : [String(size), ...factors];
  if (first) return (coefficient < 0 ? '-' : '') + parts.join('*');
  return (coefficient < 0 ? ' - ' : ' + ') + parts.join('*');
}

/** A name that needs quotes among others does not need them alone. */
function unquoteAlone(text: string): string {
  return /^"[^"]*"$/.test(text) ? text.slice(1, -1) : text;
}

/** Higher degree first, then by name; the constant comes last, as people write it. */
function compareMonomials(a: string, b: string): number {
  const degree = (key: string): number => (key === '' ? 0 : key.split(SEPARATOR).length);
  return degree(b) - degree(a) || (a < b ? -1 : a > b ? 1 : 0);
}

function addTerm(sum: Polynomial, key: string, coefficient: number): void {
  const total = (sum.get(key) ?? 0) + coefficient;
  if (total === 0) sum.delete(key);
  else sum.set(key, total);
}

function joinFactors(a: string, b: string): string {
  if (a === '' || b === '') return a + b;
  return [...a.split(SEPARATOR), ...b.split(SEPARATOR)].sort().join(SEPARATOR);
}

function removeFactors(key: string, factors: string): string | undefined {
  if (factors === '') return key;
  const left = key === '' ? [] : key.split(SEPARATOR);
  for (const factor of factors.split(SEPARATOR)) {
    const at = left.indexOf(factor);
    if (at < 0) return undefined;
    left.splice(at, 1);
  }
  return left.join(SEPARATOR);
}

function equal(a: Polynomial, b: Polynomial): boolean {
  return a.size === b.size && [...a].every(([key, coefficient]) => b.get(key) === coefficient);
}
