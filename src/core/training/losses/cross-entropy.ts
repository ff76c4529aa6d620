import type { Emitter } from '../../autodiff/emitter.ts';
import { DataType } from '../../tensor/data-type.ts';
import { logSumExp, meanOverRows, rowsOf } from './rows.ts';
import type { Loss } from './types.ts';

/** −log softmax(x)[label] of each row [N, 1], before anything is left out. */
export function negativeLogLikelihood(emit: Emitter, rows: string, labels: string): string {
  const count = emit.dims(rows)[0];
  const chosen = emit.op('GatherElements', [rows, labels], [count, 1], {
    attributes: { axis: 1 },
  });
  return emit.sub(logSumExp(emit, rows), chosen);
}

/**
 * Cross-entropy with labels [...] under logits x [..., classes], the mean over the rows whose label
 * is not −100: L = −(1/n)·Σ log softmax(x)[label], ∂L/∂x = (softmax(x) − onehot(label))/n.
 */
export function crossEntropy(logits: string, labels: string): Loss {
  return (emit) => {
    const rows = rowsOf(emit, logits, labels);
    const value = meanOverRows(emit, negativeLogLikelihood(emit, rows.logits, rows.labels), rows);
    const [, classes] = emit.dims(rows.logits);
    const softmax = emit.unary('Softmax', rows.logits, { axis: -1 });
    const classNumbers = emit.store(
      [1, classes],
      BigInt64Array.from({ length: classes }, (_, k) => BigInt(k)),
    );
    const onehot = emit.cast(emit.compare('Equal', rows.labels, classNumbers), DataType.float32);
    const scale = emit.div(rows.valid, rows.count);
    const gradient = emit.mul(emit.sub(softmax, onehot), scale);
    return { value, seeds: new Map([[logits, emit.reshape(gradient, emit.dims(logits))]]) };
  };
}
