import { preprocessImages } from '../../core/data/images.ts';
import type { Dataset, ExampleDataset, TextDataset, TokenWindow } from '../../core/data/types.ts';
import { tokenWindows } from '../../core/data/windows.ts';
import { LatheError } from '../../core/errors/lathe-error.ts';
import { checkTokenizerFits, type Tokenizer } from '../../core/text/tokenizer.ts';
import { contextLength } from '../model/config.ts';
import type { OpenModel } from '../model/open.ts';

/** Long enough for most small models' context, short enough to run anywhere. */
const DEFAULT_LENGTH = 512;

/** Tokens per window: what was asked, the model's own context, or a default, whichever is least. */
export function windowLength(open: Pick<OpenModel, 'config'>, asked = DEFAULT_LENGTH): number {
  return Math.min(asked, contextLength(open.config) ?? asked);
}

/** The model's tokenizer, checked to fit it; a sentence when a text is given to a model without one. */
export function tokenizerFor(open: OpenModel): Tokenizer {
  const { tokenizer, anatomy, name } = open;
  if (tokenizer === undefined) {
    throw new LatheError(
      'tokenizer-missing',
      `The model "${name}" came without a tokenizer.json, so text cannot be turned into its tokens; put the tokenizer.json that was saved with it into the same folder.`,
    );
  }
  if (anatomy.vocabularySize !== undefined) checkTokenizerFits(tokenizer, anatomy.vocabularySize);
  return tokenizer;
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
export function preparedExamples(open: OpenModel, dataset: ExampleDataset): ExampleDataset {
  return open.preprocessor === undefined ? dataset : preprocessImages(dataset, open.preprocessor);
}

/** Texts with labels, as examples of a classifier that takes tokens; images pass through. */
export function examplesFrom(open: OpenModel, dataset: Dataset): ExampleDataset {
  if (dataset.kind === 'examples') return preparedExamples(open, dataset);
  throw new LatheError(
    'data-kind',
    `The data "${dataset.name}" is text, but the model "${open.name}" takes arrays; give an .npz file with arrays named like the model's inputs.`,
  );
}
