import { extremePolynomial, floorPolynomial } from './polynomial-calls.ts';
import {
  addPolynomials,
  atom,
  constantPolynomial,
  multiplyPolynomials,
  scalePolynomial,
} from './polynomial.ts';
import type { Polynomial } from './polynomial.ts';

/** Sizes bound to numbers, by symbol. */
export type Bindings = Readonly<Record<string, number>>;

/*
 * sum     = ['-'] product (('+' | '-') product)*
 * product = factor (('*' | '//') factor)*
 * factor  = integer | symbol | '"' name '"' | call | '(' sum ')'
 * call    = ('floor' | 'max' | 'min') '(' sum ',' sum ')'
 */
const TOKEN = /\s*(\d+|[A-Za-z_][\w.:$@]*|"[^"]*"|\/\/|[-+*(),])/y;
const MAX_TEXT = 1000;
const MAX_DEPTH = 40;

interface Cursor {
  readonly tokens: readonly string[];
  readonly bindings: Bindings;
  at: number;
  depth: number;
}

/**
 * The polynomial of an expression such as "past_sequence_length + sequence_length", with bound
 * symbols as numbers. A name that is no expression ("image height") is one symbol.
 */
export function parseExpression(text: string, bindings: Bindings): Polynomial {
  const tokens = text.length <= MAX_TEXT ? tokenize(text) : undefined;
  if (tokens) {
    const cursor: Cursor = { tokens, bindings, at: 0, depth: 0 };
    const result = parseSum(cursor);
    if (result && cursor.at === tokens.length) return result;
  }
  return text.includes('"') || text.length > MAX_TEXT ? atom('?') : atom(`"${text}"`);
}

function tokenize(text: string): string[] | undefined {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const match = TOKEN.exec(text);
    if (!match) return undefined;
    tokens.push(match[1]);
  }
  return tokens;
}

function accept(cursor: Cursor, ...tokens: readonly string[]): string | undefined {
  const token = cursor.tokens[cursor.at];
  if (token === undefined || !tokens.includes(token)) return undefined;
  cursor.at++;
  return token;
}

function parseSum(cursor: Cursor): Polynomial | undefined {
  const negative = accept(cursor, '-') !== undefined;
  const first = parseProduct(cursor);
  if (!first) return undefined;
  let sum = negative ? scalePolynomial(first, -1) : first;
  for (let sign = accept(cursor, '+', '-'); sign; sign = accept(cursor, '+', '-')) {
    const next = parseProduct(cursor);
    if (!next) return undefined;
    sum = addPolynomials(sum, sign === '-' ? scalePolynomial(next, -1) : next);
  }
  return sum;
}

function parseProduct(cursor: Cursor): Polynomial | undefined {
  let product = parseFactor(cursor);
  while (product) {
    const operator = accept(cursor, '*', '//');
    if (!operator) return product;
    const next = parseFactor(cursor);
    if (!next) return undefined;
    product = operator === '*' ? multiplyPolynomials(product, next) : call('floor', product, next);
  }
  return undefined;
}

function parseFactor(cursor: Cursor): Polynomial | undefined {
  const token = cursor.tokens[cursor.at];
  if (token === undefined || cursor.depth > MAX_DEPTH) return undefined;
  cursor.at++;
  if (/^\d/.test(token)) return constantPolynomial(Number(token));
  if (token === '(') return nested(cursor, () => parseSum(cursor));
  if (!/^["A-Za-z_]/.test(token)) return undefined;
  if (cursor.tokens[cursor.at] === '(' && isFunction(token)) return parseCall(cursor, token);
  const name = token.startsWith('"') ? token.slice(1, -1) : token;
  return Object.hasOwn(cursor.bindings, name)
    ? constantPolynomial(cursor.bindings[name])
    : atom(token);
}

function nested(cursor: Cursor, parse: () => Polynomial | undefined): Polynomial | undefined {
  cursor.depth++;
  const inner = parse();
  cursor.depth--;
  return inner && accept(cursor, ')') ? inner : undefined;
}

type FunctionName = 'floor' | 'max' | 'min';

function isFunction(name: string): name is FunctionName {
  return name === 'floor' || name === 'max' || name === 'min';
}

function parseCall(cursor: Cursor, name: FunctionName): Polynomial | undefined {
  cursor.at++;
  return nested(cursor, () => {
    const a = parseSum(cursor);
    if (!a || !accept(cursor, ',')) return undefined;
    const b = parseSum(cursor);
    return b && call(name, a, b);
  });
}

function call(name: FunctionName, a: Polynomial, b: Polynomial): Polynomial {
  return name === 'floor' ? floorPolynomial(a, b) : extremePolynomial(name, a, b);
}
