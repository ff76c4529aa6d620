import type { z } from 'zod';
import { recognise } from '../../../anatomy/recognise.ts';
import type { Anatomy } from '../../../anatomy/types.ts';
import { placeOf } from '../../../encodings/index.ts';
import { LatheError } from '../../../errors/lathe-error.ts';
import { hasBranches } from '../../../onnx/branches/take-branch.ts';
import { holesOf, type Fillings } from '../../../onnx/fill.ts';
import { memoryData } from '../../../onnx/tensor-data.ts';
import type { Model } from '../../../onnx/types.ts';
import {
  fillStream,
  narrowModel,
  type NarrowModel,
  type StreamWords,
} from '../../../stream/index.ts';
import type { Ground, Method, MethodContext, PlannedLine } from '../../contract.ts';
import { storedBytes } from '../../stored-bytes.ts';
import { drawnTurn } from './drawn-turn.ts';
import { meta, type options as schema } from './meta.ts';

export type RotationOptions = z.infer<typeof schema>;

const WORDS: StreamWords = {
  uncut: 'it cannot be turned',
  postNorm: 'leave this step out',
  turnsBack: true,
};

/**
 * QuaRot's fused rotation (Ashkboos et al. 2024, §4 stage 1): norms without gain commute with an orthogonal Q, so every W that writes
 * the residual stream becomes W·Q, every W that reads it Qᵀ·W, and the function stays. Gains and shifts of norms go into what reads
 * them, the mean that a layer norm takes out into what writes the stream. What is left without outliers is for a later step to quantize.
 * Throws `stream-none`, `stream-merged`, and what {@link narrowModel} throws where no stream of the model can be turned.
 */
export const rotation: Method<RotationOptions> = {
  meta,
  plan: async ({ model, anatomy }, _targets, options) => {
    if (hasBranches(model)) throw merged();
    const { turned, left } = await turnedStreams(model, anatomy);
    const last = turned.at(-1);
    if (last === undefined) throw left[0] ?? none();
    const after = recognise(last.model);
    return {
      model: last.model,
      anatomy: after,
      lines: linesOf({ model, anatomy }, { model: last.model, anatomy: after }, turned),
      skipped: [],
      warnings: [...left.map(({ message }) => message), ...untied(turned), ...turnedBack(turned)],
      work: [
        {
          kind: 'fill',
          fill: (ground, _seen, context) => fillAll(ground, turned, options, context),
        },
      ],
    };
  },
};

/** Every stream that blocks lie on, one after the other; why one cannot be turned does not keep the others. */
async function turnedStreams(given: Model, { blocks, hiddenSize = 0 }: Anatomy) {
  const turned: NarrowModel[] = [];
  const left: LatheError[] = [];
  const done = new Set<string>();
  let model = given;
  for (const { input, output } of blocks) {
    if (input === '' || [input, output].some((value) => done.has(value))) continue;
    try {
      const made = await narrowModel(model, input, {
        from: hiddenSize,
        to: hiddenSize,
        words: WORDS,
      });
      for (const value of made.stream.values) done.add(value);
      turned.push(made);
      ({ model } = made);
    } catch (error) {
      if (!(error instanceof LatheError)) throw error;
      if (!left.some(({ message }) => message === error.message)) left.push(error);
    }
  }
  return { turned, left };
}

/** A stream is filled from what the streams before it left. */
async function fillAll(
  { model: given, anatomy }: Ground,
  turned: readonly NarrowModel[],
  { rotation: kind }: RotationOptions,
  context: MethodContext,
): Promise<Fillings> {
  const all = new Map<string, Uint8Array>();
  const { signal } = context;
  for (const [at, narrow] of turned.entries()) {
    const turn = drawnTurn(anatomy.hiddenSize ?? 0, kind, context.random);
    const progress = (fraction: number) => context.progress?.((at + fraction) / turned.length);
    const own = await fillStream(withFilled(given, turned.slice(0, at), all), narrow, turn, {
      progress,
      ...(signal && { signal }),
    });
    for (const [name, bytes] of own) all.set(name, bytes);
  }
  const open = new Set(holesOf(turned.at(-1)?.model ?? given));
  return new Map([...all].filter(([name]) => open.has(name)));
}

/** The tensors of a model, and what streams that were turned have made of them. */
function withFilled(model: Model, turned: readonly NarrowModel[], filled: Fillings): Model {
  const made = turned.flatMap(({ model: { graph } }) =>
    graph.initializers.flatMap((tensor) => {
      const bytes = filled.get(tensor.name);
      return bytes ? [{ ...tensor, data: memoryData(bytes) }] : [];
    }),
  );
  const initializers = [...model.graph.initializers, ...made];
  return { ...model, graph: { ...model.graph, initializers } };
}

interface Stand {
  readonly model: Model;
  readonly anatomy: Anatomy;
}

/** Layers that write or read a stream, by what they make. */
function linesOf(before: Stand, after: Stand, turned: readonly NarrowModel[]): PlannedLine[] {
  const [old, now] = [before, after].map(({ model, anatomy }) =>
    storedBytes(model, anatomy.layers),
  );
  const changed = turned.flatMap(({ tensors, tied }) => [...tensors, ...tied]);
  const touched = new Set(changed.map(({ source }) => source.name));
  return before.anatomy.layers
    .filter((layer) => touched.has(placeOf(before.model, layer)?.weight.name ?? layer.weight))
    .map((layer) => ({
      layer,
      bytesBefore: old.get(layer.output) ?? 0,
      bytesAfter: now.get(layer.output) ?? 0,
    }));
}

/** A weight that is read in several ways is stored once for each. */
function untied(turned: readonly NarrowModel[]): string[] {
  return turned.flatMap(({ tensors }) => {
    const names = tensors.map(({ source }) => source.name);
    const shared = names.find((name, at) => names.indexOf(name) !== at);
    return shared === undefined
      ? []
      : [
          `"${shared}" was read in several ways, of which each takes in something else, so it is stored once for each from now on.`,
        ];
  });
}

/** One matrix of the stream's width squared for each. */
function turnedBack(turned: readonly NarrowModel[]): string[] {
  return turned.flatMap(({ stream }) =>
    [...stream.back.values()].map(
      (value) =>
        `"${value}" is handed out or read in a way that is not known here, so one product turns it back behind its norm.`,
    ),
  );
}

function none(): LatheError {
  return new LatheError(
    'stream-none',
    'No residual stream of one width was recognised in this model, so there is nothing to turn; leave this step out.',
  );
}

function merged(): LatheError {
  return new LatheError(
    'stream-merged',
    'In a merged decoder two graphs run over the same stream, and it is not turned in both; open the decoder that stands alone (decoder_model.onnx).',
  );
}
