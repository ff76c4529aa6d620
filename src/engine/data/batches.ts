import { preprocessImages } from '../../core/data/images.ts';
import { singleTexts } from '../../core/data/text-file.ts';
import type {
  Dataset,
  ExampleDataset,
  PairDataset,
  TextDataset,
  TokenWindow,
} from '../../core/data/types.ts';
import { tokenWindows } from '../../core/data/windows.ts';
import { LatheError } from '../../core/errors/lathe-error.ts';
import { cacheOf, tokensPerRun } from '../../runtime/cache-ports.ts';
import { tokenInput } from '../../runtime/feeds.ts';
import { inputPorts, outputPorts } from '../../runtime/ports.ts';
import { contextLength } from '../model/config.ts';
import type { OpenModel } from '../model/open.ts';
import { arrayExamples, type Examples } from './examples.ts';
import { raggedExamples } from './ragged-examples.ts';
import { tokenExamples } from './token-examples.ts';
import type { TokenOptions } from './token-lengths.ts';
import { tokenizerFor } from './tokenizer-for.ts';

/** Long enough for most small models' context, short enough to run anywhere. */
const DEFAULT_LENGTH = 512;

/**
 * Tokens per window: what was asked, the model's own context, the places of its cache, what the file fixes, or a
 * default, whichever is least.
 */
export function windowLength(
  { config, model }: Pick<OpenModel, 'config' | 'model'>,
  asked = DEFAULT_LENGTH,
): number {
  const ports = { inputs: inputPorts(model), outputs: outputPorts(model) };
  const cache = cacheOf(ports);
  // Behind a cache, a text is read in as many runs as it takes.
  const most = cache === undefined ? tokensPerRun(ports.inputs) : cache.capacity;
  return Math.min(asked, contextLength(config) ?? asked, most ?? asked);
}

/** Whether the model reads a text as a run of tokens to predict, rather than as one example. */
export function predictsText(open: OpenModel, dataset: Dataset): dataset is TextDataset {
  return dataset.kind === 'text' && open.task === 'language-model';
}

/**
 * Windows of a text. Several documents: one window each, so that documents are the unit of
 * independence for errors. One long text: consecutive windows.
 */
export function windowsOf(
  open: OpenModel,
  dataset: TextDataset,
  options: { readonly length: number; readonly limit?: number },
): TokenWindow[] {
  const mode = dataset.documents.length > 1 ? 'documents' : 'stream';
  return tokenWindows(dataset, tokenizerFor(open), { ...options, mode });
}

/** Examples as the model takes them: images rescaled and normalised by the model's own preprocessor. */
export function preparedExamples(
  open: Pick<OpenModel, 'preprocessor'>,
  dataset: ExampleDataset,
): ExampleDataset {
  return open.preprocessor === undefined ? dataset : preprocessImages(dataset, open.preprocessor);
}

/**
 * Examples of a model that gives one answer each: arrays as its inputs take them, rows of tokens of different lengths,
 * or texts, with or without labels, in its tokens. Throws `data-kind`, `data-ragged`, `tokenizer-missing`,
 * `data-label-unknown`.
 */
export function examplesFrom(open: OpenModel, dataset: Dataset, options?: TokenOptions): Examples {
  const ports = inputPorts(open.model);
  if (dataset.kind === 'examples') {
    const { ragged } = dataset;
    return ragged === undefined
      ? arrayExamples(preparedExamples(open, dataset), ports)
      : raggedExamples(open, { ...dataset, ragged }, options);
  }
  if (dataset.kind === 'pairs') throw noPairs(open, dataset);
  if (tokenInput(ports) !== undefined) return tokenExamples(open, singleTexts(dataset), options);
  throw new LatheError(
    'data-kind',
    `The data "${dataset.name}" is text, but the model "${open.name}" takes arrays; give an .npz file with arrays named like the model's inputs.`,
  );
}

function noPairs({ name }: OpenModel, dataset: PairDataset): LatheError {
  return new LatheError(
    'data-kind',
    `The data "${dataset.name}" is pairs of a source and a target text, but the model "${name}" is no part of an encoder-decoder; give texts (.txt, or a table with the column "text"), or open it with its encoder or decoder beside it.`,
  );
}
