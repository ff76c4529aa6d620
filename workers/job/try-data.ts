import type { Dataset, TokenWindow } from '../../src/core/data/types.ts';
import type { SequencePair } from '../../src/runtime/encoder-decoder/sequence-pair.ts';
import { prepareEvaluation } from '../../src/engine/data/evaluation.ts';
import { ownData } from '../../src/engine/data/read.ts';
import { sequencePairs } from '../../src/engine/encoder-decoder/pairs.ts';
import type { OpenModel } from '../../src/engine/model/open.ts';
import type { DocumentLine, TryData } from '../protocol.ts';

/** A document as the evaluation reads it; of an encoder-decoder, with what it is made of. */
export type ReadPiece =
  | { readonly kind: 'window'; readonly window: TokenWindow }
  | { readonly kind: 'pair'; readonly window: TokenWindow; readonly pair: SequencePair };

/** The evaluation data, cut as it is for measuring. */
export interface Tried {
  readonly data: TryData;
  /** What models that read token by token are shown; none for others. */
  readonly pieces: readonly ReadPiece[];
  /** Of the data as it is measured; undefined of pairs, whose hash takes the other parts. */
  readonly hash: () => Promise<string | undefined>;
}

/** Tokens of a document that tell it from another. */
const BEGINNING = 24;

/** What the models can be tried on; undefined without evaluation data. */
export async function triedData(open: OpenModel): Promise<Tried | undefined> {
  const dataset = await ownData(open, 'evaluation');
  if (dataset === undefined) return undefined;
  const pairs = await sequencePairs(open, dataset);
  if (pairs !== undefined) {
    const pieces = pairs.pairs.map(
      (pair) => ({ kind: 'pair', window: pair.window, pair }) as const,
    );
    return { ...described(open, dataset, pieces), hash: async () => undefined };
  }
  if (dataset.kind === 'pairs') return undefined;
  if (open.task !== 'language-model') {
    // Every text is cut into tokens for its hash: only when that is asked for.
    const hash = async () => (await prepareEvaluation(open, dataset)).sha256;
    return { ...described(open, dataset, []), hash };
  }
  const prepared = await prepareEvaluation(open, dataset);
  const cut = prepared.data();
  const windows = cut.task === 'language-model' ? cut.windows : [];
  const pieces = windows.map((window) => ({ kind: 'window', window }) as const);
  return { ...described(open, dataset, pieces), hash: async () => prepared.sha256 };
}

function described(
  open: OpenModel,
  dataset: Dataset,
  pieces: readonly ReadPiece[],
): Pick<Tried, 'data' | 'pieces'> {
  const documents =
    pieces.length > 0 ? pieces.map(({ window }) => lineOf(open, window)) : undefined;
  const count = documents?.length ?? countOf(dataset);
  return { data: { name: dataset.name, count, ...(documents && { documents }) }, pieces };
}

function lineOf({ tokenizer }: OpenModel, { ids, firstCounted }: TokenWindow): DocumentLine {
  const first = Array.from(ids.subarray(0, BEGINNING));
  return {
    beginning: tokenizer?.decode(first).trim() ?? first.join(' '),
    tokens: ids.length - firstCounted,
  };
}

function countOf(dataset: Dataset): number {
  if (dataset.kind === 'text') return dataset.documents.length;
  return dataset.kind === 'pairs' ? dataset.sources.length : dataset.count;
}
