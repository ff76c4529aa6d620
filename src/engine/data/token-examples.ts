import { bytesOf } from '../../core/data/fingerprint.ts';
import { numberClasses } from '../../core/data/labels.ts';
import type { TextDataset } from '../../core/data/types.ts';
import { encodeWithin } from '../../core/text/encode-within.ts';
import { languageFeeds, realPositions, tokenInput } from '../../runtime/feeds.ts';
import { inputPorts } from '../../runtime/ports.ts';
import type { PortInfo } from '../../runtime/types.ts';
import { contextLength } from '../model/config.ts';
import type { OpenModel } from '../model/open.ts';
import type { Examples } from './examples.ts';
import { tokenizerFor } from './tokenizer-for.ts';

/** What BERT and most of its kin were trained with. */
const DEFAULT_LENGTH = 512;
/** Tokens of a short run: a software GPU is a hundred times slower. */
const SHORT = 24;
/** Tokens that run together; more gain little, and activations of a batch are held at once. */
const TOKENS_TOGETHER = 4096;

export interface TokenOptions {
  /** Most tokens of a text with its special tokens; the model's context may be less. */
  readonly length?: number;
  /** Pad all to the same length, as training graphs need it; else to the longest of a batch. */
  readonly padded?: boolean;
}

/** Most tokens that the model and its tokenizer were made for. */
export function textLength(open: OpenModel, asked = DEFAULT_LENGTH): number {
  const known = [contextLength(open.config), open.tokenizer?.maxLength];
  return Math.min(asked, ...known.filter((length) => length !== undefined));
}

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
    together: hasMask(ports) ? Math.max(1, Math.floor(TOKENS_TOGETHER / length)) : 1,
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

/** The number of tokens that the file fixes, if it does. */
export function fixedLength(ports: readonly PortInfo[]): number | undefined {
  const size = tokenInput(ports)?.dims[1];
  return typeof size === 'number' && size >= 1 ? size : undefined;
}

/** Without a mask, padding would change the answer: texts then run one by one. */
export function hasMask(ports: readonly PortInfo[]): boolean {
  return ports.some(({ name }) => name === 'attention_mask');
}
