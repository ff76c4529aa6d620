import type { z } from 'zod';
import { recognise } from '../../../anatomy/recognise.ts';
import type { Anatomy, Block } from '../../../anatomy/types.ts';
import { placeOf } from '../../../encodings/index.ts';
import { LatheError } from '../../../errors/lathe-error.ts';
import { hasBranches } from '../../../onnx/branches/take-branch.ts';
import type { Model } from '../../../onnx/types.ts';
import type { FillWork, Method, PlannedLine } from '../../contract.ts';
import {
  fillStream,
  narrowModel,
  postNorm,
  type NarrowModel,
  type StreamWords,
} from '../../../stream/index.ts';
import { storedBytes } from '../../stored-bytes.ts';
import { withHeads } from './config.ts';
import { meta, type options as schema } from './meta.ts';
import { streamLooks, turnTo, type Width } from './turn.ts';

const WORDS: StreamWords = {
  uncut: 'its columns cannot be cut',
  postNorm: 'cut heads or neurons instead',
};

export type HiddenWidthOptions = z.infer<typeof schema>;

/**
 * SliceGPT with one rotation for all blocks. Norms without gain commute with a rotation Q of the residual stream, so
 * every W that writes it becomes W·Q, every W that reads it Qᵀ·W, and nothing changes; with Q the principal components
 * of what flows through the stream, its last columns carry least and are cut. Gains and shifts of norms go into
 * what reads them, the mean that a layer norm takes out into what writes the stream.
 * Throws `stream-none`, `stream-merged`, `stream-two`, `stream-post-norm`, `stream-delivered`, `stream-uncut`, `width-whole`.
 */
export const hiddenWidth: Method<HiddenWidthOptions> = {
  meta,
  plan: async ({ model, anatomy }, _targets, options) => {
    const start = startOf(model, anatomy);
    const from = anatomy.hiddenSize ?? 0;
    const width = { from, to: widthOf(from, options), rotation: options.rotation };
    const narrow = await narrowModel(model, start, { from, to: width.to, words: WORDS });
    const aside = anatomy.blocks.find((block) => !onStream(narrow, block));
    if (aside !== undefined) throw anotherStream(aside.index);
    const after = recognise(narrow.model);
    return {
      model: narrow.model,
      anatomy: after,
      lines: linesOf(model, narrow, anatomy, after),
      skipped: [],
      warnings: untied(model, anatomy, narrow),
      work: [turn(narrow, width)],
      companions: (files) => withHeads(files, after),
    };
  },
};

function turn(narrow: NarrowModel, width: Width): FillWork {
  return {
    kind: 'fill',
    look: streamLooks(narrow),
    fill: ({ model }, seen, context) =>
      fillStream(model, narrow, turnTo(narrow, width, seen), context),
  };
}

/** k = (1 − ratio)·d, to the nearest multiple; d where nothing goes. Throws `width-whole`. */
function widthOf(width: number, { ratio, multiple }: HiddenWidthOptions): number {
  if (ratio === 0) return width;
  const kept = Math.max(multiple, Math.round(((1 - ratio) * width) / multiple) * multiple);
  if (kept < width) return kept;
  throw new LatheError(
    'width-whole',
    `${Math.round(100 * ratio)} % of the ${width} columns are less than half of a multiple of ${multiple}, so none would go; raise the ratio or lower the multiple.`,
    { width, ratio, multiple },
  );
}

function startOf(model: Model, { blocks, hiddenSize, normPlacement }: Anatomy): string {
  if (hasBranches(model)) throw merged();
  if (blocks.some(({ crossAttention }) => crossAttention)) throw twoStreams();
  const [first] = blocks;
  if (first === undefined || hiddenSize === undefined || first.input === '') throw none();
  if (normPlacement === 'post') throw postNorm(WORDS, first.input);
  return first.input;
}

/** Layers that write or read the stream, by what they make: names of values stay but for those that are delivered. */
function linesOf(before: Model, narrow: NarrowModel, was: Anatomy, is: Anatomy): PlannedLine[] {
  const [old, now] = [storedBytes(before, was.layers), storedBytes(narrow.model, is.layers)];
  const changed = [...narrow.tensors, ...narrow.tied];
  const touched = new Set(changed.map(({ source }) => source.name));
  return was.layers
    .filter((layer) => touched.has(placeOf(before, layer)?.weight.name ?? layer.weight))
    .map((layer) => {
      const same = is.layers.find(({ output }) => output === layer.output);
      const bytesBefore = old.get(layer.output) ?? 0;
      return { layer, bytesBefore, bytesAfter: (same && now.get(same.output)) ?? 0 };
    });
}

/** A weight that is read in several ways is stored once for each. */
function untied(model: Model, { layers }: Anatomy, { tensors }: NarrowModel): string[] {
  const names = tensors.map(({ source }) => source.name);
  const shared = names.find((name, at) => names.indexOf(name) !== at);
  const table = model.graph.initializers.find(({ name }) => name === shared);
  if (table === undefined || layers.length === 0) return [];
  return [
    `"${table.name}" was embedding and output head in one; the head takes in the gain of the last norm, so both are stored from now on, the one of them beside the other.`,
  ];
}

function none(): LatheError {
  return new LatheError(
    'stream-none',
    'No residual stream of one width was recognised in this model, so there is nothing to cut; leave this step out.',
  );
}

function merged(): LatheError {
  return new LatheError(
    'stream-merged',
    'In a merged decoder two graphs run over the same stream, and it is not cut in both; open the decoder that stands alone (decoder_model.onnx).',
  );
}

function twoStreams(): LatheError {
  return new LatheError(
    'stream-two',
    'This model is part of an encoder-decoder, whose two streams are as wide as one configuration says, so neither can be cut alone; leave this step out.',
  );
}

function onStream({ stream }: NarrowModel, { input, output }: Block): boolean {
  return [input, output].every((value) => stream.values.has(value));
}

function anotherStream(block: number): LatheError {
  return new LatheError(
    'stream-two',
    `Block ${block} does not lie on the residual stream of the first block, so the model has more than one stream, and one cannot be cut alone; leave this step out.`,
    { block },
  );
}
