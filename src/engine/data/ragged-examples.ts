import { bytesOf } from '../../core/data/fingerprint.ts';
import type { ExampleDataset, Ragged } from '../../core/data/types.ts';
import { LatheError } from '../../core/errors/lathe-error.ts';
import type { Value } from '../../core/tensor/values.ts';
import { exampleFeeds, languageFeeds, tokenInput } from '../../runtime/feeds.ts';
import { inputPorts } from '../../runtime/ports.ts';
import type { PortInfo } from '../../runtime/types.ts';
import type { Feeds } from '../../runtime/values.ts';
import type { OpenModel } from '../model/open.ts';
import { maskOf, type Examples } from './examples.ts';
import { pickExamples } from './pick-examples.ts';
import { fixedLength, hasMask, SHORT, textLength, together } from './token-lengths.ts';
import type { TokenOptions } from './token-lengths.ts';

/**
 * Rows of tokens of different lengths as examples: those of a batch are padded to the longest of them and masked,
 * cut off at the context. What the data lacks of mask, positions and token types is made from the lengths. Throws
 * `data-ragged`, and what the feeds throw.
 */
export function raggedExamples(
  open: OpenModel,
  dataset: ExampleDataset & { readonly ragged: Ragged },
  { length: asked, padded = false }: TokenOptions = {},
): Examples {
  const { name, count, labels, positionLabels, arrays, ragged } = dataset;
  const ports = inputPorts(open.model);
  const input = tokenInput(ports)?.name;
  if (input === undefined || !ragged.names.includes(input)) throw noTokens(dataset, ragged.names);
  const longest = ragged.lengths.reduce((most, length) => Math.max(most, length), 0);
  const fixed = fixedLength(ports);
  const length = fixed ?? Math.min(longest, textLength(open, asked));
  const padTo = padded || fixed !== undefined ? length : undefined;
  const batchOf = (own: readonly PortInfo[], indices: readonly number[], most: number) =>
    feedsOf(own, { open, dataset, input }, indices, { most, padTo });
  return {
    ...{ name, count, unit: 'example', ragged: true },
    reading: `${length < longest ? 'each cut off at' : 'of up to'} ${length} tokens`,
    ...(labels && { labels }),
    ...(positionLabels && { positionLabels }),
    together: hasMask(ports) ? together(length) : 1,
    ...(padTo !== undefined && { length: padTo }),
    batch: (own, indices) => {
      const feeds = batchOf(own, indices, length);
      const mask = maskOf(feeds);
      return { feeds, ...(mask && { mask }) };
    },
    short: (own, indices) => batchOf(own, indices, Math.min(SHORT, length)),
    bytes: () => [
      bytesOf(ragged.lengths),
      ...Object.values(arrays).map(({ data }) => bytesOf(data)),
      ...(labels ? [bytesOf(labels)] : []),
      ...(positionLabels ? [bytesOf(positionLabels.values)] : []),
    ],
  };
}

interface Rows {
  readonly open: OpenModel;
  readonly dataset: ExampleDataset & { readonly ragged: Ragged };
  /** The input of tokens. */
  readonly input: string;
}

/** Tokens padded as text is; of the other lists only as much as there are tokens; the rest as it is. */
function feedsOf(
  ports: readonly PortInfo[],
  { open, dataset, input }: Rows,
  indices: readonly number[],
  { most, padTo }: { readonly most: number; readonly padTo: number | undefined },
): Feeds {
  const { lengths, names } = dataset.ragged;
  const picked = pickExamples(dataset, indices);
  const sizes = indices.map((index) => Math.min(lengths[index], most));
  const padId = open.tokenizer?.pad ?? open.config.pad_token_id;
  const width = padTo ?? Math.max(...sizes);
  const windows = sizes.map((size, row) => tokensOf(picked[input], row, size));
  const tokens = { windows, length: width, ...(padId !== undefined && { padId }) };
  const given = ports.filter(({ name }) => name !== input && Object.hasOwn(picked, name));
  const made = ports.filter((port) => !given.includes(port));
  const cut = Object.entries(picked).map(
    ([name, value]) => [name, names.includes(name) ? resized(value, width, sizes) : value] as const,
  );
  return { ...languageFeeds(made, tokens), ...exampleFeeds(given, Object.fromEntries(cut)) };
}

function tokensOf({ dims, data }: Value, row: number, size: number): Int32Array {
  const [, width] = dims;
  return Int32Array.from(data.subarray(row * width, row * width + size), Number);
}

/** Rows in another width, zeros behind what is kept of them. */
function resized({ dataType, dims, data }: Value, width: number, sizes: readonly number[]): Value {
  const rows = new BigInt64Array(sizes.length * width);
  sizes.forEach((size, row) => {
    const own = data.subarray(row * dims[1], row * dims[1] + size);
    rows.set(Array.from(own as ArrayLike<number | bigint>, BigInt), row * width);
  });
  return { dataType, dims: [sizes.length, width], data: rows };
}

function noTokens({ name }: ExampleDataset, ragged: readonly string[]): LatheError {
  const list = ragged.map((key) => `"${key}"`).join(', ');
  return new LatheError(
    'data-ragged',
    `The lines of "${name}" differ in the length of ${list}, but no input of the model takes these as tokens, so they cannot be padded; make them equally long, or name them like the input that takes tokens.`,
  );
}
