import { canonicalDomain } from '../../onnx/operators/table.ts';
import type { Node } from '../../onnx/types.ts';
import type { GradientEntry, GradientRule } from '../types.ts';
import { activationRules } from './activations.ts';
import { arithmeticRules } from './arithmetic.ts';
import { convolutionRules } from './convolution.ts';
import { cumulationRules } from './cumulation.ts';
import { cutReasons } from './cuts.ts';
import { einsumRules } from './einsum.ts';
import { gatherRules } from './gathers.ts';
import { normalizationRules } from './normalization.ts';
import { packedWeightRules } from './packed-weights.ts';
import { pieceRules } from './pieces.ts';
import { powerRules } from './powers.ts';
import { productRules } from './products.ts';
import { quantizationRules } from './quantization.ts';
import { reductionRules } from './reductions.ts';
import { selectionRules } from './selection.ts';
import { shapeRules } from './shapes.ts';
import { softmaxRules } from './softmax.ts';

/** Every gradient rule, one file per operator family. */
export const gradientEntries: readonly GradientEntry[] = [
  ...arithmeticRules,
  ...productRules,
  ...einsumRules,
  ...convolutionRules,
  ...powerRules,
  ...activationRules,
  ...selectionRules,
  ...softmaxRules,
  ...normalizationRules,
  ...reductionRules,
  ...cumulationRules,
  ...shapeRules,
  ...pieceRules,
  ...gatherRules,
  ...quantizationRules,
  ...packedWeightRules,
];

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
