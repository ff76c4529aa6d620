import { LatheError } from '../../src/core/errors/lathe-error.ts';
import { sliceExamples } from '../../src/core/data/examples.ts';
import { numberClasses } from '../../src/core/data/labels.ts';
import { singleTexts } from '../../src/core/data/text-file.ts';
import type { ExampleDataset, TextDataset } from '../../src/core/data/types.ts';
import { DataType } from '../../src/core/tensor/data-type.ts';
import type { Tokenizer } from '../../src/core/text/tokenizer.ts';
import { fixedBatch } from '../../src/engine/data/batch-size.ts';
import { examplesFrom } from '../../src/engine/data/batches.ts';
import { groupsOf, type Examples } from '../../src/engine/data/examples.ts';
import { pickExamples } from '../../src/engine/data/pick-examples.ts';
import { tokenExamples } from '../../src/engine/data/token-examples.ts';
import { tokenizerFor } from '../../src/engine/data/tokenizer-for.ts';
import { DEFAULT_CONTEXT, promptTokens } from '../../src/engine/continue-text.ts';
import { readerFor, sourceOf, writerOf, writing } from '../../src/engine/encoder-decoder/write.ts';
import { contextLength } from '../../src/engine/model/config.ts';
import { ownData } from '../../src/engine/data/read.ts';
import type { OpenModel } from '../../src/engine/model/open.ts';
import { runLogits, scoreOutput } from '../../src/runtime/evaluate/logits.ts';
import type { Siblings } from '../../src/runtime/evaluate/types.ts';
import { tokenInput } from '../../src/runtime/feeds.ts';
import { generateBoth, type ComparedToken } from '../../src/runtime/generate.ts';
import { inputPorts } from '../../src/runtime/ports.ts';
import type { Session } from '../../src/runtime/types.ts';
import { spelled } from './spelled.ts';
import type { Classification, Continuation, Example, TokenStep } from '../protocol.ts';

/** What examples are shown of: pairs are told apart by what a model writes, not by an answer. */
export type Shown = TextDataset | ExampleDataset;

/** Two open sessions: of the original or of trials. */
export interface Pair {
  readonly left: Session;
  readonly right: Session;
}

/** Both models continue a prompt greedily. */
export async function continueText(
  open: OpenModel,
  pair: Pair,
  prompt: string,
  tokens: number,
): Promise<Continuation> {
  const tokenizer = tokenizerFor(open);
  const encoded = tokenizer.encode(prompt);
  const ids = promptTokens(open, prompt);
  const { original, compressed } = await generateBoth(pair.left, pair.right, ids, {
    tokens,
    contextLength: contextLength(open.config) ?? DEFAULT_CONTEXT,
    ...(tokenizer.eos !== undefined && { stop: [tokenizer.eos] }),
  });
  return {
    prompt: spelled(tokenizer, encoded),
    original: steps(tokenizer, encoded, original),
    compressed: steps(tokenizer, encoded, compressed),
  };
}

function steps(
  tokenizer: Tokenizer,
  prompt: readonly number[],
  tokens: readonly ComparedToken[],
): TokenStep[] {
  const all = spelled(tokenizer, [...prompt, ...tokens.map(({ id }) => id)]);
  return tokens.map((token, i) => ({ ...token, text: all[prompt.length + i].text }));
}

/** Both models make something of a source, which is no part of the answer. */
export async function writeBoth(
  open: OpenModel,
  pair: Pair,
  siblings: Siblings,
  source: string,
  tokens: number,
): Promise<Continuation> {
  if (source.trim() === '') {
    throw new LatheError(
      'source-empty',
      'There is no source text; type one to see what becomes of it.',
    );
  }
  const tokenizer = tokenizerFor(open);
  const read = await sourceOf(open, source);
  const { prompt, options } = await writing(open, tokens);
  const reader = (session: Session) => readerFor(writerOf(open, session, siblings), read);
  const [left, right] = [await reader(pair.left), await reader(pair.right)];
  const { original, compressed } = await generateBoth(left, right, prompt, options);
  const spell = (written: readonly ComparedToken[]) => steps(tokenizer, [], written);
  return { prompt: [], original: spell(original), compressed: spell(compressed) };
}

/**
 * The evaluation examples of a model that gives one answer each, as they are stored: pixels rather than
 * normalised values, texts rather than tokens.
 */
export async function exampleData(open: OpenModel): Promise<Shown | undefined> {
  const dataset = await ownData(open, 'evaluation');
  if (dataset?.kind === 'pairs') return undefined;
  if (dataset?.kind !== 'text') return dataset;
  if (open.task === 'language-model') return undefined;
  return numberClasses(singleTexts(dataset), open.labels);
}

/** Examples with their pictures or texts, by their places in the data. */
export function examplesAt(open: OpenModel, dataset: Shown, indices: readonly number[]): Example[] {
  const total = dataset.kind === 'text' ? dataset.documents.length : dataset.count;
  return indices
    .filter((index) => index >= 0 && index < total)
    .map((index) => {
      const image = dataset.kind === 'text' ? undefined : pictureOf(dataset, index);
      const text = textOf(open, dataset, index);
      const label = labelOf(open, dataset, index);
      return {
        index,
        ...(label !== undefined && { label }),
        ...(image && { image }),
        ...(text !== undefined && { text }),
      };
    });
}

function labelOf(open: OpenModel, dataset: Shown, index: number): string | undefined {
  const label = dataset.labels?.[index];
  return label === undefined ? undefined : (open.labels?.[label] ?? String(label));
}

/** A text as it was given, or as the tokens that were given say it. */
function textOf(open: OpenModel, dataset: Shown, index: number): string | undefined {
  if (dataset.kind === 'text') return dataset.documents[index];
  const input = tokenInput(inputPorts(open.model))?.name;
  if (input === undefined || !Object.hasOwn(dataset.arrays, input)) return undefined;
  const [ids] = Object.values(
    pickExamples({ ...dataset, arrays: { ids: dataset.arrays[input] } }, [index]),
  );
  const padded = dataset.ragged?.names.includes(input) === true;
  const length = padded ? dataset.ragged?.lengths[index] : undefined;
  return open.tokenizer?.decode(Array.from(ids.data, Number).slice(0, length));
}

function pictureOf(dataset: ExampleDataset, index: number): Example['image'] {
  const found = Object.values(dataset.arrays).find(
    (value) => value.dataType === DataType.uint8 && value.dims.length >= 3,
  );
  if (found === undefined) return undefined;
  const [height, width] = found.dims.slice(-2);
  const channels = found.dims.length === 4 ? found.dims[1] : 1;
  const pixels = height * width;
  const start = index * channels * pixels;
  const rgba = new Uint8ClampedArray(pixels * 4).fill(255);
  for (let p = 0; p < pixels; p++) {
    for (let c = 0; c < 3; c++) {
      rgba[4 * p + c] = Number(found.data[start + (channels === 3 ? c : 0) * pixels + p]);
    }
  }
  return { width, height, rgba };
}

/** Class probabilities of both models for one example. */
export async function classify(
  open: OpenModel,
  pair: Pair,
  dataset: Shown,
  index: number,
): Promise<Classification> {
  const expected = dataset.labels?.[index];
  const answer = await answers(open, pair, one(open, dataset, index));
  return { ...answer, ...(expected !== undefined && { expected }) };
}

/** Class probabilities of both models for a text that was typed in. */
export async function classifyText(
  open: OpenModel,
  pair: Pair,
  text: string,
): Promise<Classification> {
  if (text.trim() === '') {
    throw new LatheError('text-empty', 'There is no text; type one to see which class it is in.');
  }
  const typed = { kind: 'text', name: 'typed', documents: [text] } as const;
  return answers(open, pair, tokenExamples(open, typed));
}

function one(open: OpenModel, dataset: Shown, index: number): Examples {
  if (dataset.kind === 'text') {
    const { name, documents } = dataset;
    return tokenExamples(open, { kind: 'text', name, documents: [documents[index]] });
  }
  return examplesFrom(open, sliceExamples(dataset, index, index + 1));
}

async function answers(open: OpenModel, pair: Pair, examples: Examples): Promise<Classification> {
  const original = await probabilities(pair.left, examples);
  const compressed = await probabilities(pair.right, examples);
  return { labels: open.labels ?? original.map((_, i) => String(i)), original, compressed };
}

async function probabilities(session: Session, examples: Examples): Promise<number[]> {
  const [group] = groupsOf([0], fixedBatch(session.inputs) ?? 1, true);
  const { feeds } = examples.batch(session.inputs, group.indices);
  const logits = await runLogits(session, feeds, scoreOutput(session));
  const row = logits.values.subarray(0, logits.classes);
  const top = row.reduce((a, b) => Math.max(a, b), -Infinity);
  const weights = Array.from(row, (v) => Math.exp(v - top));
  const total = weights.reduce((a, b) => a + b, 0);
  return weights.map((w) => w / total);
}
