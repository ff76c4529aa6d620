import type { Emitter } from '../../autodiff/emitter.ts';
import { logSumExp, meanOverRows, rowsOf } from './rows.ts';
import type { Loss } from './types.ts';

/** −log softmax(x)[label] of each row [N, 1], given softmax x, before anything is left out. */
export function negativeLogLikelihood(
  emit: Emitter,
  rows: string,
  softmax: string,
  labels: string,
): string {
  const count = emit.dims(rows)[0];
  const chosen = emit.op('GatherElements', [rows, labels], [count, 1], {
    attributes: { axis: 1 },
  });
  return emit.sub(logSumExp(emit, rows, softmax), chosen);
}

/**
 * Cross-entropy with labels [...] under logits x [..., classes], the mean over the rows whose label
 * is not −100: L = −(1/n)·Σ log softmax(x)[label], ∂L/∂x = (softmax(x) − onehot(label))/n. The
 * one-hot matrix is never made: 1/n is taken off at each row's label.
 */
export function crossEntropy(logits: string, labels: string): Loss {
  return (emit) => {
    const rows = rowsOf(emit, logits, labels);
    const softmax = emit.unary('Softmax', rows.logits, { axis: -1 });
    const nll = negativeLogLikelihood(emit, rows.logits, softmax, rows.labels);
    const value = meanOverRows(emit, nll, rows);
    const scale = emit.div(rows.valid, rows.count);
    const shares = emit.mul(softmax, scale);
    const gradient = emit.op(
      'ScatterElements',
      [shares, rows.labels, emit.neg(scale)],
      emit.dims(shares),
      { attributes: { axis: 1, reduction: 'add' } },
    );
    return { value, seeds: new Map([[logits, emit.reshape(gradient, emit.dims(logits))]]) };
  };
}
