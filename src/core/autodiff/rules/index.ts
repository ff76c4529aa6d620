import { canonicalDomain } from '../../onnx/operators/table.ts';
import type { Node } from '../../onnx/types.ts';
import type { GradientEntry, GradientRule } from '../types.ts';
import { arithmeticRules } from './arithmetic.ts';
import { cutReasons } from './cuts.ts';
import { productRules } from './products.ts';

/** Every gradient rule, one file per operator family. */
export const gradientEntries: readonly GradientEntry[] = [...arithmeticRules, ...productRules];

const byOperator = new Map<string, GradientRule>(
  gradientEntries.flatMap(({ operators, domain = '', rule }) =>
    operators.map((name): [string, GradientRule] => [`${domain}:${name}`, rule]),
  ),
);

/** The rule of a node's operator, if there is one. */
export function gradientRule(node: Node): GradientRule | undefined {
  return byOperator.get(`${canonicalDomain(node.domain)}:${node.opType}`);
}

/** Why the gradient ends at this operator, for operators whose derivative is zero or does not exist. */
export function cutReason(node: Node): string | undefined {
  return canonicalDomain(node.domain) === '' ? cutReasons.get(node.opType) : undefined;
}
