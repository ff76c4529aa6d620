import { bytesOf } from '../../core/data/fingerprint.ts';
import type { PositionLabels } from '../../core/data/position-labels.ts';
import type { ExampleDataset } from '../../core/data/types.ts';
import type { CaptureBatch } from '../../runtime/capture.ts';
import { exampleFeeds, tokenInput } from '../../runtime/feeds.ts';
import type { PortInfo } from '../../runtime/types.ts';
import type { Feeds } from '../../runtime/values.ts';
import { pickExamples } from './pick-examples.ts';

/** Examples with one answer each, ready to be fed, whether they were arrays or texts. */
export interface Examples {
  readonly name: string;
  readonly count: number;
  /** One class index per example. */
  readonly labels?: Int32Array;
  /** In place of these: a class per position of each example. */
  readonly positionLabels?: PositionLabels;
  /** What one is called, and how it is read: "1000 texts, each cut off at 128 tokens". */
  readonly unit: 'example' | 'text';
  readonly reading?: string;
  /** Most that can run together; absent when any number can. */
  readonly together?: number;
  /** Rows differ in length: padding is masked, which a model without a mask cannot do. */
  readonly ragged?: true;
  /** Tokens every example is padded to; absent when that is left to the batch, or there are no tokens. */
  readonly length?: number;
  /** Inputs of the examples at `indices`, and which positions are no padding. */
  batch(ports: readonly PortInfo[], indices: readonly number[]): CaptureBatch;
  /** Inputs for a short run of these. */
  short(ports: readonly PortInfo[], indices: readonly number[]): Feeds;
  /** All that is looked at, for a hash. */
  bytes(): Uint8Array[];
}

/** Examples from named arrays, as they are; what their attention mask leaves out counts as padding. */
export function arrayExamples(dataset: ExampleDataset, ports: readonly PortInfo[]): Examples {
  const { name, count, labels, positionLabels, arrays } = dataset;
  const input = tokenInput(ports)?.name ?? '';
  const ids = Object.hasOwn(arrays, input) ? arrays[input] : undefined;
  const feeds = (own: readonly PortInfo[], indices: readonly number[]): Feeds =>
    exampleFeeds(own, pickExamples(dataset, indices));
  return {
    ...{ name, count, unit: 'example' },
    ...(labels && { labels }),
    ...(positionLabels && { positionLabels }),
    ...(ids?.dims.length === 2 && { length: ids.dims[1] }),
    batch: (own, indices) => {
      const found = feeds(own, indices);
      const mask = maskOf(found);
      return { feeds: found, ...(mask && { mask }) };
    },
    short: feeds,
    bytes: () => [
      ...Object.values(arrays).map(({ data }) => bytesOf(data)),
      ...(positionLabels ? [bytesOf(positionLabels.values)] : []),
    ],
  };
}

/** Which positions the mask among the inputs counts. */
export function maskOf(feeds: Feeds): Uint8Array | undefined {
  const mask = Object.hasOwn(feeds, 'attention_mask') ? feeds['attention_mask'] : undefined;
  return mask?.dims.length === 2
    ? Uint8Array.from(mask.data, (value: number | bigint) => Number(Number(value) !== 0))
    : undefined;
}

/**
 * Groups of `size` indices in order. A model whose file fixes the batch size has the last group filled
 * up by repeating its first; only `count` of a group are real.
 */
export function groupsOf(
  indices: readonly number[],
  size: number,
  fixed: boolean,
): { readonly indices: readonly number[]; readonly count: number }[] {
  const groups: { readonly indices: readonly number[]; readonly count: number }[] = [];
  for (let from = 0; from < indices.length; from += size) {
    const real = indices.slice(from, from + size);
    const missing = fixed ? size - real.length : 0;
    const filling = new Array<number>(missing).fill(real[0]);
    groups.push({ indices: [...real, ...filling], count: real.length });
  }
  return groups;
}
