import { arithmeticOperators } from './arithmetic.ts';
import type { OperatorEntry } from './entry.ts';
import { fusedOperators } from './fused.ts';
import { networkOperators } from './network.ts';
import { tensorOperators } from './tensor.ts';

/**
 * The operators of transformer exports, plain and fused. Versions are those of ONNX's own change log
 * up to {@link NEWEST_OPSET}.
 */
export const OPERATORS: readonly OperatorEntry[] = [
  ...arithmeticOperators,
  ...tensorOperators,
  ...networkOperators,
  ...fusedOperators,
];

/** Newest ai.onnx version whose changes the table holds. */
export const NEWEST_OPSET = 25;

const byName = new Map(OPERATORS.map((entry) => [`${entry.domain}:${entry.name}`, entry]));

/** 'ai.onnx' and '' are the same domain. */
export function canonicalDomain(domain: string): string {
  return domain === 'ai.onnx' ? '' : domain;
}

/** The table's row for an operator, or undefined when it is not known. */
export function operatorEntry(opType: string, domain: string): OperatorEntry | undefined {
  return byName.get(`${canonicalDomain(domain)}:${opType}`);
}
