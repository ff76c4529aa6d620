import { attentionRules } from './attention.ts';
import { controlRules } from './control.ts';
import { convolutionRules } from './convolution.ts';
import { elementwiseRules } from './elementwise.ts';
import { gatherRules } from './gather.ts';
import { generateRules } from './generate.ts';
import { layoutRules } from './layout.ts';
import { matmulRules } from './matmul.ts';
import { normalizationRules } from './normalization.ts';
import { quantizationRules } from './quantization.ts';
import { reductionRules } from './reduction.ts';

/** Every shape rule by its id; the operator table names them. */
export const shapeRules = {
  ...attentionRules,
  ...controlRules,
  ...convolutionRules,
  ...elementwiseRules,
  ...gatherRules,
  ...generateRules,
  ...layoutRules,
  ...matmulRules,
  ...normalizationRules,
  ...quantizationRules,
  ...reductionRules,
};

export type ShapeRuleId = keyof typeof shapeRules;
