import { canonicalDomain } from '../../../onnx/operators/table.ts';
import type { Node } from '../../../onnx/types.ts';
import type { Rewrite, RewriteEntry } from '../types.ts';
import { activationRewrites } from './activations.ts';
import { attentionRewrites } from './attention.ts';
import { dropoutRewrites } from './dropout.ts';
import { embeddingRewrites } from './embedding.ts';
import { groupQueryRewrites } from './group-query.ts';
import { inferenceRewrites } from './inference.ts';
import { layoutRewrites } from './layout.ts';
import { multiHeadRewrites } from './multi-head.ts';
import { normRewrites } from './norms.ts';
import { productRewrites } from './products.ts';
import { reductionRewrites } from './reductions.ts';
import { rotaryRewrites } from './rotary.ts';
import { softmaxRewrites } from './softmax.ts';
import { standardAttentionRewrites } from './standard-attention.ts';
import { windowRewrites } from './windows.ts';

/** Every rewrite, one file per operator family. */
export const rewriteEntries: readonly RewriteEntry[] = [
  ...activationRewrites,
  ...attentionRewrites,
  ...dropoutRewrites,
  ...embeddingRewrites,
  ...groupQueryRewrites,
  ...inferenceRewrites,
  ...layoutRewrites,
  ...multiHeadRewrites,
  ...normRewrites,
  ...productRewrites,
  ...reductionRewrites,
  ...rotaryRewrites,
  ...softmaxRewrites,
  ...standardAttentionRewrites,
  ...windowRewrites,
];

const byOperator = new Map<string, Rewrite>(
  rewriteEntries.flatMap(({ operators, domain = '', rewrite }) =>
    operators.map((name): [string, Rewrite] => [`${domain}:${name}`, rewrite]),
  ),
);

/** The rewrite of a node's operator; undefined for one that stays as it is. */
export function rewriteOf(node: Node): Rewrite | undefined {
  return byOperator.get(`${canonicalDomain(node.domain)}:${node.opType}`);
}
