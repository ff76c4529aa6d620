import type { Dataset } from '../../core/data/types.ts';
import { examplesFrom, predictsText } from '../data/batches.ts';
import { dataTask } from '../data/data-task.ts';
import { tokenRows } from '../data/token-rows.ts';
import type { OpenModel } from '../model/open.ts';
import type { OnDevice } from '../encoder-decoder/encode.ts';
import { pairTraining } from '../encoder-decoder/training.ts';
import type { Task } from '../model/task.ts';
import { openSizes } from '../data/open-sizes.ts';
import { labelledExamples } from './labelled-examples.ts';
import { packedText } from './packed-text.ts';
import { rowData } from './row-data.ts';
import type { TrainingData } from './types.ts';

export type { TrainingData } from './types.ts';

/** Tasks whose scores have a row for each position. */
const PER_POSITION: readonly Task[] = [
  'token-classifier',
  'masked-language-model',
  'sequence-to-sequence',
];

/**
 * Training data from a dataset: a language model's text packed into sequences of `length` tokens, or
 * its rows of tokens padded to it, a decoder's pairs with what their encoder made of the sources on `runtime`, other
 * models' examples with their labels, texts among them padded to `length` or the model's context. Throws
 * what {@link packedText}, {@link rowData} and {@link labelledExamples} throw, and `data-kind`.
 */
export async function trainingData(
  open: OpenModel,
  dataset: Dataset,
  batch: number,
  length: number,
  runtime?: OnDevice,
): Promise<TrainingData> {
  const pairs = await pairTraining(open, dataset, { batch, length }, runtime);
  if (pairs !== undefined) return pairs;
  if (predictsText(open, dataset)) return packedText(open, dataset, batch, length);
  const rows = tokenRows(open, dataset);
  if (rows !== undefined) return rowData(open, dataset.name, rows, { batch, length });
  const examples = examplesFrom(open, dataset, { length, padded: true });
  const sizes = dataset.kind === 'examples' ? openSizes(open, dataset) : undefined;
  const positions = PER_POSITION.includes(dataTask(open, dataset));
  return labelledExamples(open, examples, { batch, positions, ...(sizes && { sizes }) });
}
