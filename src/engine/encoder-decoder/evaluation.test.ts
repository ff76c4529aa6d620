import { describe, expect, it } from 'vitest';
import { speechPairs, tinyPairFolder, wordPairs } from '../../../test/support/tiny-pair.ts';
import type { Part } from '../../../test/fixtures/encoder-decoder.ts';
import { examplesOf } from '../../core/data/examples.ts';
import type { Dataset } from '../../core/data/types.ts';
import { DataType } from '../../core/tensor/data-type.ts';
import type { Value } from '../../core/tensor/values.ts';
import { evaluate } from '../../runtime/evaluate/evaluate.ts';
import { createNodeRuntime } from '../../runtime/ort-node.ts';
import type { Session } from '../../runtime/types.ts';
import { makeValue } from '../../runtime/values.ts';
import { prepareEvaluation } from '../data/evaluation.ts';
import { openedSiblings, siblingOpeners } from '../measure/open-sessions.ts';
import { openModel, type OpenModel } from '../model/open.ts';
import { evaluatePair } from './evaluate-pair.ts';
import { sequencePairs } from './pairs.ts';

const runtime = await createNodeRuntime({ threads: 1 });
const onDevice = () => Promise.resolve(runtime);

type Source = 'text' | 'speech';

async function opened(source: Source, part: Part): Promise<OpenModel> {
  return openModel(await tinyPairFolder({ source, opened: part }));
}

/** A part alone, or another beside the original. */
async function measured(open: OpenModel, dataset: Dataset, other?: OpenModel) {
  const prepared = await prepareEvaluation(open, dataset, 'windows', undefined, onDevice);
  const others = await Promise.all(siblingOpeners(runtime, prepared).map((opener) => opener()));
  const siblings = openedSiblings(others, prepared);
  const contenders = {
    model: { session: await runtime.open((other ?? open).model) },
    ...(other && { original: { session: await runtime.open(open.model) } }),
    ...(siblings && { siblings }),
  };
  return { prepared, found: await evaluate(contenders, prepared.data()) };
}

function logSoftmax(row: Float32Array): number[] {
  const top = Math.max(...row);
  const sum = row.reduce((total, score) => total + Math.exp(score - top), 0);
  return Array.from(row, (score) => score - top - Math.log(sum));
}

const longs = (ids: readonly number[]): Value =>
  makeValue(DataType.int64, [1, ids.length], (i) => ids[i]);

/** Log-probabilities behind every token of every pair, by nothing but the two files. */
async function plainly(encoder: Session, decoder: Session, dataset: Dataset, open: OpenModel) {
  const { pairs = [] } = (await sequencePairs(open, dataset)) ?? {};
  const all: { readonly ids: number[]; readonly rows: number[][] }[] = [];
  for (const { window, source } of pairs) {
    const read =
      source?.kind === 'arrays'
        ? source.arrays
        : {
            input_ids: longs([...(source?.ids ?? [])]),
            attention_mask: longs([...(source?.ids ?? [])].map(() => 1)),
          };
    const own = Object.fromEntries(encoder.inputs.map(({ name }) => [name, read[name]]));
    const { last_hidden_state: states } = await encoder.run(own);
    const mask = longs(Array.from({ length: states.dims[1] }, () => 1));
    const given = {
      input_ids: longs([...window.ids]),
      encoder_hidden_states: states,
      encoder_attention_mask: mask,
    };
    const { logits } = await decoder.run(
      Object.fromEntries(
        decoder.inputs.map(({ name }) => [name, given[name as keyof typeof given]]),
      ),
    );
    const classes = logits.dims[2];
    const values = logits.data as Float32Array;
    const rows = Array.from({ length: window.ids.length }, (_, t) =>
      logSoftmax(values.subarray(t * classes, (t + 1) * classes)),
    );
    all.push({ ids: [...window.ids], rows });
  }
  return all;
}

function perplexityOf(all: Awaited<ReturnType<typeof plainly>>, first = 1): number {
  const losses = all.flatMap(({ ids, rows }) =>
    ids.slice(first).map((id, t) => -rows[t + first - 1][id]),
  );
  return Math.exp(losses.reduce((sum, loss) => sum + loss, 0) / losses.length);
}

/** The same graph with its first matrix rounded coarsely. */
async function rounded(open: OpenModel, name: string): Promise<OpenModel> {
  const initializers = await Promise.all(
    open.model.graph.initializers.map(async (tensor) => {
      if (tensor.name !== name) return tensor;
      const bytes = (await tensor.data.read()).slice();
      const values = new Float32Array(bytes.buffer);
      values.set(values.map((value) => Math.round(value * 8) / 8));
      return { ...tensor, data: { byteLength: bytes.length, read: () => Promise.resolve(bytes) } };
    }),
  );
  return { ...open, model: { ...open.model, graph: { ...open.model.graph, initializers } } };
}

describe.each([
  ['text', wordPairs(6)],
  ['speech', speechPairs(6, 7)],
] as const)('an encoder-decoder of %s', (source, dataset) => {
  it('is measured by the perplexity of targets given their sources, whichever part was opened', async () => {
    const [encoder, decoder] = [await opened(source, 'encoder'), await opened(source, 'decoder')];
    const sessions = [
      await runtime.open(encoder.model),
      await runtime.open(decoder.model),
    ] as const;
    const all = await plainly(...sessions, dataset, decoder);
    for (const part of [encoder, decoder]) {
      const { found, prepared } = await measured(part, dataset);
      expect(found.compressed.perplexity?.value).toBeCloseTo(perplexityOf(all), 4);
      expect(found.n).toBe(all.reduce((sum, { ids }) => sum + ids.length - 1, 0));
      expect(prepared.protocol).toContain(`; ${found.n} tokens scored; errors by pair`);
    }
    const goesOn = await measured(await opened(source, 'decoder-with-past'), dataset);
    expect(goesOn.found.compressed.perplexity?.value).toBeCloseTo(perplexityOf(all, 2), 4);
    expect(goesOn.prepared.protocol).toContain(`; ${goesOn.found.n} tokens scored;`);
  });

  it('has KL where a part, or both, were changed: the other part is the original', async () => {
    const [encoder, decoder] = [await opened(source, 'encoder'), await opened(source, 'decoder')];
    const parts = {
      original: {
        encoder: await runtime.open(encoder.model),
        decoder: await runtime.open(decoder.model),
      },
      compressed: {
        encoder: await runtime.open((await rounded(encoder, 'encoder.up.weight')).model),
        decoder: await runtime.open((await rounded(decoder, 'cross.v.weight')).model),
      },
    };
    const klOf = async (session: typeof parts.original) => {
      const p = await plainly(parts.original.encoder, parts.original.decoder, dataset, decoder);
      const q = await plainly(session.encoder, session.decoder, dataset, decoder);
      const each = p.flatMap(({ rows }, i) =>
        rows
          .slice(0, -1)
          .map((row, t) =>
            row.reduce((sum, log, id) => sum + Math.exp(log) * (log - q[i].rows[t][id]), 0),
          ),
      );
      return each.reduce((sum, kl) => sum + kl, 0) / each.length;
    };
    const own = await measured(decoder, dataset, await rounded(decoder, 'cross.v.weight'));
    const only = { ...parts.original, decoder: parts.compressed.decoder };
    expect(own.found.compressed.kl?.value).toBeGreaterThan(1e-6);
    expect(own.found.compressed.kl?.value).toBeCloseTo(await klOf(only), 5);
    const first = await measured(encoder, dataset, await rounded(encoder, 'encoder.up.weight'));
    const alone = { ...parts.original, encoder: parts.compressed.encoder };
    expect(first.found.compressed.kl?.value).toBeGreaterThan(1e-6);
    expect(first.found.compressed.kl?.value).toBeCloseTo(await klOf(alone), 5);
    const { evaluation } = await evaluatePair({ encoder, decoder }, parts, dataset);
    expect(evaluation.compressed.kl?.value).toBeCloseTo(await klOf(parts.compressed), 5);
    expect(evaluation.difference.perplexity?.n).toBe(evaluation.n);
  });
});

describe('what an encoder-decoder is measured on', () => {
  it('may hold the states in place of sources: the same numbers, without an encoder', async () => {
    const decoder = await opened('speech', 'decoder');
    const dataset = speechPairs(4, 6);
    const { arrays } = dataset;
    const encoder = await runtime.open((await opened('speech', 'encoder')).model);
    const { last_hidden_state: states } = await encoder.run({
      input_features: arrays['input_features'],
    });
    const alone = await openModel(
      await tinyPairFolder({ source: 'speech', opened: 'decoder', parts: ['decoder'] }),
    );
    const given = examplesOf('s.npz', {
      encoder_hidden_states: states,
      input_ids: arrays['decoder_input_ids'],
    });
    const { found } = await measured(alone, given);
    const { found: expected } = await measured(decoder, dataset);
    expect(found.compressed.perplexity?.value).toBeCloseTo(
      expected.compressed.perplexity?.value ?? 0,
      6,
    );
    await expect(measured(alone, dataset)).rejects.toThrow(
      'The decoder "onnx/decoder_model.onnx" reads what an encoder made of the source, and there is no encoder beside it; put the encoder_model.onnx that was exported with it into the same folder, or give arrays with "encoder_hidden_states".',
    );
  });

  it('is refused where parts do not belong together', async () => {
    const folder = await tinyPairFolder({ source: 'text', opened: 'decoder', encoderHidden: 24 });
    const open = await openModel(folder);
    const sentence =
      'The encoder "onnx/encoder_model.onnx" gives states of 24 numbers and the decoder "onnx/decoder_model.onnx" takes 16, so they do not belong together; put the two files that were exported together into one folder.';
    await expect(measured(open, wordPairs(2))).rejects.toThrow(sentence);
    const encoder = await openModel({ ...folder, model: 'onnx/encoder_model.onnx' });
    await expect(measured(encoder, wordPairs(2))).rejects.toThrow(sentence);
    const last = await openModel(
      await tinyPairFolder({
        source: 'text',
        opened: 'decoder-with-past',
        parts: ['encoder', 'decoder-with-past'],
      }),
    );
    await expect(measured(last, wordPairs(2))).rejects.toThrow(
      'The part "onnx/decoder_with_past_model.onnx" needs the decoder that begins a target, and there is none beside it; put the decoder_model.onnx or decoder_model_merged.onnx that was exported with it into the same folder.',
    );
  });

  it('is refused with the tokenizer of another model', async () => {
    const open = await opened('text', 'decoder');
    const { tokenizer } = open;
    const larger = {
      ...open,
      ...(tokenizer && { tokenizer: { ...tokenizer, vocabularySize: 99 } }),
    };
    await expect(measured(larger, wordPairs(2))).rejects.toThrow(
      'The tokenizer has 99 tokens but the model only 40, so some texts would ask for tokens the model does not have; give the tokenizer.json that was saved with this model.',
    );
  });
});
