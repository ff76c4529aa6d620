import type { Emitter } from '../../autodiff/emitter.ts';
import { DataType } from '../../tensor/data-type.ts';
import type { Rows } from './types.ts';

/** The label that marks a position without one, as in PyTorch. */
export const IGNORE_INDEX = -100;

/** Logits [..., classes] as float32 rows, with the positions whose label is not {@link IGNORE_INDEX}. */
export function rowsOf(emit: Emitter, logits: string, labels: string): Rows & { labels: string } {
  const rows = emit.cast(emit.flattenLeading(logits), DataType.float32);
  const count = emit.dims(rows)[0];
  const column = emit.reshape(labels, [count, 1]);
  const ignored = emit.compare('Equal', column, emit.integer(IGNORE_INDEX));
  const valid = emit.cast(
    emit.op('Not', [ignored], [count, 1], { dataType: DataType.bool }),
    DataType.float32,
  );
  return {
    logits: rows,
    valid,
    count: emit.binary('Max', emit.reduceSum(valid, [0, 1], false), emit.scalar(1)),
    labels: emit.where(ignored, emit.integer(0), column),
  };
}

/** Mean of values [N, 1] over the rows that count. */
export function meanOverRows(emit: Emitter, values: string, { valid, count }: Rows): string {
  return emit.div(emit.reduceSum(emit.mul(values, valid), [0, 1], false), count);
}

/**
 * log Σ exp x along each row [N, 1], given softmax x: max x − log max softmax x. Two maxima, which
 * runtimes vectorise; their ReduceLogSumExp takes as long as a matrix product. The largest share is at
 * least 1/classes, so its logarithm is exact enough and never infinite.
 */
export function logSumExp(emit: Emitter, rows: string, softmax: string): string {
  const largest = emit.reduce('ReduceMax', rows, [1]);
  return emit.sub(largest, emit.unary('Log', emit.reduce('ReduceMax', softmax, [1])));
}
