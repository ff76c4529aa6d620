import { LatheError } from '../../core/errors/lathe-error.ts';
import { checkTokenizerFits, type Tokenizer } from '../../core/text/tokenizer.ts';
import type { OpenModel } from '../model/open.ts';

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
