import { bytesOf } from '../../core/data/fingerprint.ts';
import { numberClasses } from '../../core/data/labels.ts';
import type { TextDataset } from '../../core/data/types.ts';
import { encodeWithin } from '../../core/text/encode-within.ts';
import { languageFeeds, realPositions } from '../../runtime/feeds.ts';
import { inputPorts } from '../../runtime/ports.ts';
import type { OpenModel } from '../model/open.ts';
import type { Examples } from './examples.ts';
import { fixedLength, hasMask, SHORT, textLength, together } from './token-lengths.ts';
import type { TokenOptions } from './token-lengths.ts';
import { tokenizerFor } from './tokenizer-for.ts';

/**
 * Texts as examples of a model that takes tokens: with the tokenizer's special tokens, cut off at the
 * context, padded and masked. Sizes that the file fixes are kept to. Throws `tokenizer-missing`,
 * `data-label-unknown`, and what the feeds throw.
 */
export function tokenExamples(
  open: OpenModel,
  dataset: TextDataset,
  { length: asked, padded = false }: TokenOptions = {},
): Examples {
  const tokenizer = tokenizerFor(open);
  const { documents, labels } = numberClasses(dataset, open.labels);
  const ports = inputPorts(open.model);
  const fixed = fixedLength(ports);
  const length = fixed ?? textLength(open, asked);
  const padId = tokenizer.pad ?? open.config.pad_token_id;
  const known = new Map<number, Int32Array>();
  const ids = (index: number): Int32Array => {
    const found = known.get(index) ?? encodeWithin(tokenizer, documents[index], length);
    known.set(index, found);
    return found;
  };
  const tokens = (windows: readonly Int32Array[]) => ({
    windows,
    ...(padId !== undefined && { padId }),
    ...((padded || fixed !== undefined) && { length }),
  });
  return {
    ...{ name: dataset.name, count: documents.length, unit: 'text' },
    reading: `each cut off at ${length} tokens`,
    ...(labels && { labels }),
    together: hasMask(ports) ? together(length) : 1,
    ...((padded || fixed !== undefined) && { length }),
    batch: (own, indices) => {
      const batch = tokens(indices.map(ids));
      return { feeds: languageFeeds(own, batch), mask: realPositions(batch) };
    },
    short: (own, indices) => {
      const cut = (index: number) => encodeWithin(tokenizer, documents[index], SHORT);
      return languageFeeds(own, tokens(indices.map(cut)));
    },
    bytes: () => [
      ...documents.map((_, index) => bytesOf(ids(index))),
      ...(labels ? [bytesOf(labels)] : []),
    ],
  };
}
