import { numberClasses } from '../../src/core/data/labels.ts';
import { singleTexts } from '../../src/core/data/text-file.ts';
import type { Dataset, TextDataset } from '../../src/core/data/types.ts';
import { LatheError } from '../../src/core/errors/lathe-error.ts';
import { examplesFrom, predictsText } from '../../src/engine/data/batches.ts';
import { dataFiles, readData } from '../../src/engine/data/read.ts';
import { tokenizerFor } from '../../src/engine/data/tokenizer-for.ts';
import { encoderOf, openedPart } from '../../src/engine/encoder-decoder/whole.ts';
import type { OpenModel } from '../../src/engine/model/open.ts';
import type { DataPurpose, DataSummary } from '../protocol.ts';
import { estimateTokens } from './estimate-tokens.ts';

/** Shares of the bar: the rest is counting tokens. */
const DONE = { read: 0.3, checked: 0.4 };

/**
 * What was read as a model's calibration or evaluation data, in one line. Throws what is wrong with the file;
 * what the model cannot use is a `problem`.
 */
export async function dataSummary(
  open: OpenModel,
  purpose: DataPurpose,
  onProgress: (fraction: number) => void = () => undefined,
): Promise<DataSummary | undefined> {
  const files = dataFiles(open.folder, purpose);
  if (files.length === 0) return undefined;
  const dataset = asRead(open, await readData(open, files, purpose));
  onProgress(DONE.read);
  const problem = await problemOf(open, dataset);
  onProgress(DONE.checked);
  const summary = problem === undefined ? summaryOf(open, dataset) : countOf(dataset);
  return {
    name: dataset.name,
    bytes: bytesOfData(files),
    summary,
    ...(problem !== undefined && { problem }),
  };
}

/** The texts that the model answers: the lines of one document, where it does not go on with a text. */
function asRead(open: OpenModel, dataset: Dataset): Dataset {
  return dataset.kind === 'text' && !predictsText(open, dataset) ? singleTexts(dataset) : dataset;
}

/** That data is there, before it was read. */
export function dataGlance(
  folder: OpenModel['folder'],
  purpose: DataPurpose,
): DataSummary | undefined {
  const files = dataFiles(folder, purpose);
  if (files.length === 0) return undefined;
  const [{ path }] = files;
  const name = files.length === 1 ? path.slice(path.lastIndexOf('/') + 1) : purpose;
  return { name, bytes: bytesOfData(files), summary: '', reading: true };
}

function bytesOfData(files: ReturnType<typeof dataFiles>): number {
  return files.reduce((sum, { source }) => sum + source.byteLength, 0);
}

/** A model opens with data it cannot use all the same; it says so where the data is shown. */
async function problemOf(open: OpenModel, dataset: Dataset): Promise<string | undefined> {
  if (dataset.kind === 'examples') return undefined;
  try {
    if (predictsText(open, dataset)) tokenizerFor(open);
    else if (dataset.kind === 'pairs' && openedPart(open) !== undefined) await checkPairs(open);
    else examplesFrom(open, dataset);
    return undefined;
  } catch (error) {
    if (error instanceof LatheError) return error.message;
    throw error;
  }
}

/** Sources have to become what a decoder reads. */
async function checkPairs(open: OpenModel): Promise<void> {
  tokenizerFor(open);
  if (openedPart(open) !== 'encoder') await encoderOf(open);
}

function summaryOf(open: OpenModel, dataset: Dataset): string {
  const parts = [countOf(dataset)];
  if (dataset.kind === 'text' && open.tokenizer !== undefined) parts.push(tokensOf(open, dataset));
  if (open.task === 'classifier') parts.push(classesOf(open, dataset));
  return parts.join(', ');
}

function countOf(dataset: Dataset): string {
  const [count, unit] =
    dataset.kind === 'text'
      ? [dataset.documents.length, 'text']
      : dataset.kind === 'pairs'
        ? [dataset.sources.length, 'pair']
        : [dataset.count, 'example'];
  return count === 1 ? `1 ${unit}` : `${count} ${unit}s`;
}

function tokensOf({ tokenizer }: OpenModel, { documents }: TextDataset): string {
  const count = (text: string): number => tokenizer?.encode(text).length ?? 0;
  const { tokens, exact } = estimateTokens(documents, count);
  return `${exact ? '' : 'about '}${tokens.toLocaleString('en')} tokens`;
}

/** Classes counted one by one as long as that is a line to read. */
const LISTED = 4;

function classesOf(open: OpenModel, dataset: Dataset): string {
  if (dataset.kind === 'pairs') return 'no labels';
  const { labels } = dataset.kind === 'text' ? numberClasses(dataset, open.labels) : dataset;
  if (labels === undefined) return 'no labels';
  const counts = new Map<number, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  const sorted = [...counts].sort(([a], [b]) => a - b);
  if (sorted.length > LISTED) return `${sorted.length} classes`;
  const named = sorted.map(([label, count]) => `${count} ${open.labels?.[label] ?? `of ${label}`}`);
  return `${sorted.length === 1 ? '1 class' : `${sorted.length} classes`}: ${named.join(', ')}`;
}
