import { makeValueInfo } from '../onnx/graph/make.ts';
import type { Model } from '../onnx/types.ts';
import { DataType } from '../tensor/data-type.ts';
import { assemble } from './assemble.ts';
import { unflattened } from './flat.ts';
import { negativeLogLikelihood } from './losses/cross-entropy.ts';
import { rowsOf } from './losses/rows.ts';
import { maskInputs } from './masking.ts';
import { trainingEmitter, type TrainingInput } from './training-graph.ts';
import { VALUES } from './value-names.ts';

export const VALIDATION = {
  nll: 'validate.nll',
  correct: 'validate.correct',
  valid: 'validate.valid',
} as const;

/**
 * Forward only, with θ handed in: for each row of the logits −log softmax(x)[label] and whether the
 * label has the largest logit (both 0 where the label is −100), and
 * whether the row counts, shaped [N, 1].
 */
export function buildValidationGraph(
  input: Pick<TrainingInput, 'forward' | 'layout' | 'extraInputs' | 'masked'>,
  logits: string,
  labels: string,
): Model {
  const { forward, layout, extraInputs, masked } = input;
  const emit = trainingEmitter(input);
  const replaced = unflattened(emit, layout, masked);
  const rows = rowsOf(emit, logits, labels);
  const softmax = emit.unary('Softmax', rows.logits, { axis: -1 });
  const likelihood = negativeLogLikelihood(emit, rows.logits, softmax, rows.labels);
  const nll = emit.mul(likelihood, rows.valid);
  const dims = emit.dims(nll);
  const best = emit.op('ArgMax', [rows.logits], dims, {
    attributes: { axis: 1, keepdims: 1 },
    dataType: DataType.int64,
  });
  const hit = emit.cast(emit.compare('Equal', best, rows.labels), DataType.float32);
  const theta = makeValueInfo(VALUES.theta, DataType.float32, [layout.size]);
  const inputs = [...extraInputs, theta, ...maskInputs(masked)];
  const outputs = [
    { name: VALIDATION.nll, value: nll, dims },
    { name: VALIDATION.correct, value: emit.mul(hit, rows.valid), dims },
    { name: VALIDATION.valid, value: rows.valid, dims },
  ];
  return assemble({ forward, emit, inputs, outputs, replaced });
}
