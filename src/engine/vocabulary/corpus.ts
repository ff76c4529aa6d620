import { singleTexts } from '../../core/data/text-file.ts';
import type { Dataset } from '../../core/data/types.ts';
import { LatheError } from '../../core/errors/lathe-error.ts';
import type { TokenCounts } from '../../core/text/vocabulary/choose-tokens.ts';
import { tokenInput } from '../../runtime/feeds.ts';
import { inputPorts } from '../../runtime/ports.ts';
import { maskOf } from '../data/examples.ts';
import { tokenizerFor } from '../data/tokenizer-for.ts';
import type { OpenModel } from '../model/open.ts';

/** How often each token occurs in all of the data. Throws `tokens-missing`, `tokenizer-missing`. */
export function countTokens(open: OpenModel, dataset: Dataset): TokenCounts {
  const counts = new Map<number, number>();
  for (const ids of tokensIn(open, dataset)) {
    for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
}

function* tokensIn(open: OpenModel, dataset: Dataset): Generator<readonly number[]> {
  if (dataset.kind === 'examples') {
    yield rowTokens(open, dataset);
    return;
  }
  const tokenizer = tokenizerFor(open);
  const texts =
    dataset.kind === 'pairs'
      ? [...dataset.sources, ...dataset.targets]
      : (open.task === 'language-model' ? dataset : singleTexts(dataset)).documents;
  for (const text of texts) yield tokenizer.encode(text, { addSpecial: true });
}

/** Tokens that are given as numbers, without what fills rows up. */
function rowTokens({ model }: OpenModel, dataset: Dataset & { kind: 'examples' }): number[] {
  const name = tokenInput(inputPorts(model))?.name ?? '';
  if (!Object.hasOwn(dataset.arrays, name)) throw noTokens(dataset.name);
  const ids = Array.from(dataset.arrays[name].data, Number);
  const mask = maskOf(dataset.arrays);
  return mask?.length === ids.length ? ids.filter((_, at) => mask[at] === 1) : ids;
}

function noTokens(name: string): LatheError {
  return new LatheError(
    'tokens-missing',
    `The data "${name}" holds neither text nor tokens, so it does not say which tokens are needed; give a text.`,
  );
}
