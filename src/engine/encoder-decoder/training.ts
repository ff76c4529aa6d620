import { bytesOf } from '../../core/data/fingerprint.ts';
import type { Dataset } from '../../core/data/types.ts';
import { LatheError } from '../../core/errors/lathe-error.ts';
import type { Bindings } from '../../core/onnx/shape/dimension.ts';
import type { Value } from '../../core/tensor/values.ts';
import { IGNORE_INDEX } from '../../core/training/losses/rows.ts';
import { LABELS } from '../../core/training/problem.ts';
import type { SequencePair } from '../../runtime/encoder-decoder/sequence-pair.ts';
import { languageFeeds } from '../../runtime/feeds.ts';
import { inputPorts } from '../../runtime/ports.ts';
import type { PortInfo } from '../../runtime/types.ts';
import { makeValue, type Feeds } from '../../runtime/values.ts';
import { sha256Of } from '../hash.ts';
import type { OpenModel } from '../model/open.ts';
import {
  longs,
  outsideClasses,
  split,
  trainingBatch,
  validationBatches,
  type FeedsOf,
} from '../training/held-out.ts';
import type { TrainingData } from '../training/types.ts';
import { encodedPairs, partsBefore, type OnDevice } from './encode.ts';
import { bytesOfPair, sequencePairs } from './pairs.ts';
import { openedPart } from './whole.ts';

/** A pair with what the frozen encoder made of its source. */
interface Learned {
  readonly window: SequencePair['window'];
  readonly states: Feeds;
}

/**
 * Pairs for a decoder to learn from: what the frozen original encoder made of the sources are inputs as any others,
 * the loss is on the targets. Targets are padded to the longest, at most `length`, states to the longest source and
 * masked. Undefined where the model is no part of an encoder-decoder or the data holds no pairs. Throws
 * `encoder-alone`, `training-sources`, `training-data-small`.
 */
export async function pairTraining(
  open: OpenModel,
  dataset: Dataset,
  { batch, length }: { readonly batch: number; readonly length: number },
  runtime: OnDevice | undefined,
): Promise<TrainingData | undefined> {
  const found = await sequencePairs(open, dataset, length + 1);
  if (found === undefined) return undefined;
  const opened = openedPart(open);
  if (opened === 'encoder') throw encoderAlone(open);
  if (opened === 'decoder-with-past') throw oneToken(open);
  const { name, pairs } = found;
  const before = await partsBefore(open, pairs);
  const states = await encodedPairs(open, before, pairs, runtime);
  const learned = pairs.map(({ window }, index) => ({ window, states: states[index] }));
  const width = Math.max(...pairs.map(({ window }) => window.ids.length - 1));
  const sourceLength = commonLength(open, name, learned);
  const parts = split(name, pairs.length, 'pair');
  const feeds = pairFeeds(learned, width, sourceLength);
  return {
    sha256: await sha256Of([
      ...pairs.flatMap(bytesOfPair),
      ...states.flatMap((feed) => Object.values(feed).map(({ data }) => bytesOf(data))),
    ]),
    shape: { batch, length: width, sizes: statesSizes(open, learned, sourceLength) },
    count: parts.trained.length,
    heldOut: parts.held.length,
    labelsPerBatch: batch * width,
    checkClasses: (classes) => {
      const outside = pairs
        .flatMap(({ window }) => [...window.ids])
        .find((id) => id < 0 || id >= classes);
      if (outside !== undefined) throw outsideClasses(name, outside, classes);
    },
    batch: trainingBatch(feeds, batch, parts),
    validation: validationBatches(feeds, batch, parts),
  };
}

/** Positions of the longest states. Throws `training-sources` where shorter ones could not be masked. */
function commonLength({ model, name }: OpenModel, data: string, pairs: readonly Learned[]): number {
  const ports = inputPorts(model);
  const [input] = ports.filter((port) => Object.hasOwn(pairs[0].states, port.name));
  const lengths = pairs.map(({ states }) => states[input.name].dims[1]);
  const longest = Math.max(...lengths);
  const unequal = lengths.some((length) => length !== longest);
  if (!unequal || ports.some(({ name }) => MASKS.test(name))) return longest;
  throw new LatheError(
    'training-sources',
    `The sources in "${data}" are of different lengths and the decoder "${name}" has no input "encoder_attention_mask" to leave padding out by; give sources of one length.`,
  );
}

const MASKS = /^(encoder_)?attention_mask$/;

/** The sizes that the states' inputs leave open behind their first axis. */
function statesSizes(
  { model }: OpenModel,
  [{ states }]: readonly Learned[],
  length: number,
): Bindings {
  const ports = inputPorts(model).filter(({ name }) => Object.hasOwn(states, name));
  const open = ports.flatMap(({ dims }) => dims[1]);
  return Object.fromEntries(
    open.filter((size) => typeof size === 'string').map((symbol) => [symbol, length]),
  );
}

/** Inputs and labels of pairs, both sides padded to one length. */
function pairFeeds(pairs: readonly Learned[], width: number, sourceLength: number): FeedsOf {
  return (ports, indices, real) => {
    const chosen = indices.map((index) => pairs[index]);
    const windows = chosen.map(({ window: { ids } }) => ids.subarray(0, ids.length - 1));
    const labels = chosen.flatMap(({ window: { ids, firstCounted } }, row) =>
      Array.from({ length: width }, (_, t) => {
        const counts = row < real && t + 1 < ids.length && t + 1 >= firstCounted;
        return counts ? ids[t + 1] : IGNORE_INDEX;
      }),
    );
    const own = ports.filter((port) => port.name !== LABELS);
    const extra = stacked(own, chosen, sourceLength);
    return {
      ...languageFeeds(own, { windows, length: width, extra }),
      [LABELS]: longs([indices.length, width], labels),
    };
  };
}

/** The states' inputs of several pairs, one behind another, zeros behind the shorter ones. */
function stacked(ports: readonly PortInfo[], pairs: readonly Learned[], length: number): Feeds {
  const known = ports.filter(({ name }) => Object.hasOwn(pairs[0].states, name));
  return Object.fromEntries(
    known.map((port) => {
      const rows = pairs.map(({ states }) => states[port.name]);
      return [port.name, stack(rows, length)];
    }),
  );
}

function stack(rows: readonly Value[], length: number): Value {
  const [{ dataType, dims }] = rows;
  const inner = dims.slice(2);
  const size = inner.reduce((product, dim) => product * dim, 1);
  const value = makeValue(dataType, [rows.length, length, ...inner], () => 0);
  // Same class on both sides, which the union of array types cannot express.
  const into = value.data as Float32Array;
  rows.forEach(({ data }, row) => into.set(data as Float32Array, row * length * size));
  return value;
}

function oneToken({ part }: OpenModel): LatheError {
  return new LatheError(
    'training-one-token',
    `The decoder "${part.path}" reads one token at a time behind a key/value cache, and training needs whole targets; train the decoder beside it that reads them (decoder_model.onnx), which has the same weights.`,
  );
}

function encoderAlone({ part }: OpenModel): LatheError {
  return new LatheError(
    'encoder-alone',
    `The encoder "${part.path}" predicts no tokens by itself and gradients do not cross from one file into another, so it cannot be trained alone; train the decoder beside it.`,
  );
}
