import type { ExampleDataset } from '../../../src/core/data/types.ts';
import { parseDataset } from '../../../src/core/data/parse-dataset.ts';
import { DataType } from '../../../src/core/tensor/data-type.ts';
import { writeNpz } from '../../samples/npz.ts';
import type { TokenMail } from './batches.ts';
import { padded } from './tokens.ts';

/** Mails as the arrays that the model takes: ids as uint16, mask and labels as uint8. */
export function mailNpz(mails: readonly TokenMail[], length: number): Uint8Array {
  const rows = mails.map(({ ids }) => padded(ids, length));
  const dims = [mails.length, length];
  return writeNpz({
    input_ids: { dims, data: Uint16Array.from(rows.flatMap(({ ids }) => ids)) },
    attention_mask: { dims, data: Uint8Array.from(rows.flatMap(({ mask }) => mask)) },
    labels: { dims: [mails.length], data: Uint8Array.from(mails, ({ label }) => label) },
  });
}

/** The arrays read back, with the inputs as int64. */
export function readMailNpz(bytes: Uint8Array): ExampleDataset {
  const dataset = parseDataset({ name: 'evaluation.npz', bytes });
  if (dataset.kind !== 'examples') throw new Error('evaluation.npz holds no arrays');
  const arrays = Object.entries(dataset.arrays).map(([name, { dims, data }]) => {
    const wide = BigInt64Array.from(data as Uint16Array, (value) => BigInt(value));
    return [name, { dataType: DataType.int64, dims, data: wide }] as const;
  });
  return { ...dataset, arrays: Object.fromEntries(arrays) };
}
