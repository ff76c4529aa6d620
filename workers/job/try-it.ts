import { LatheError } from '../../src/core/errors/lathe-error.ts';
import type { ExampleDataset } from '../../src/core/data/types.ts';
import { seededRandom } from '../../src/core/random/seeded.ts';
import { DataType } from '../../src/core/tensor/data-type.ts';
import { contextLength } from '../../src/engine/model/config.ts';
import { preparedExamples } from '../../src/engine/data/batches.ts';
import { tokenizerFor } from '../../src/engine/data/tokenizer-for.ts';
import { pickExamples } from '../../src/engine/data/pick-examples.ts';
import { dataFile, readDataset, type OpenModel } from '../../src/engine/model/open.ts';
import { runLogits, scoreOutput } from '../../src/runtime/evaluate/logits.ts';
import { exampleFeeds } from '../../src/runtime/feeds.ts';
import { generateBoth, type ComparedToken } from '../../src/runtime/generate.ts';
import type { Session } from '../../src/runtime/types.ts';
import type { Tokenizer } from '../../src/core/text/tokenizer.ts';
import type { Classification, Continuation, Example, TokenStep } from '../protocol.ts';

/** Two open sessions: of the original or of trials. */
export interface Pair {
  readonly left: Session;
  readonly right: Session;
}

const DEFAULT_CONTEXT = 512;

/** Both models continue a prompt greedily. */
export async function continueText(
  open: OpenModel,
  pair: Pair,
  prompt: string,
  tokens: number,
): Promise<Continuation> {
  const tokenizer = tokenizerFor(open);
  const start = tokenizer.bos === undefined ? [] : [tokenizer.bos];
  const encoded = tokenizer.encode(prompt);
  const ids = [...start, ...encoded];
  if (ids.length === 0) {
    throw new LatheError('prompt-empty', 'The prompt is empty; type the beginning of a text.');
  }
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

/** Each token as the text it adds: decoding token by token would lose the spaces. */
function spelled(tokenizer: Tokenizer, ids: readonly number[]): { id: number; text: string }[] {
  let before = '';
  return ids.map((id, i) => {
    const whole = tokenizer.decode(ids.slice(0, i + 1));
    const text = whole.slice(before.length);
    before = whole;
    return { id, text };
  });
}

function steps(
  tokenizer: Tokenizer,
  prompt: readonly number[],
  tokens: readonly ComparedToken[],
): TokenStep[] {
  const all = spelled(tokenizer, [...prompt, ...tokens.map(({ id }) => id)]);
  return tokens.map((token, i) => ({ ...token, text: all[prompt.length + i].text }));
}

/** The model's evaluation examples, as they are stored (pixels, not normalised values). */
export async function exampleData(open: OpenModel): Promise<ExampleDataset | undefined> {
  const file = dataFile(open.folder, 'evaluation');
  const dataset = file && (await readDataset(file));
  return dataset?.kind === 'examples' ? dataset : undefined;
}

/** A seeded handful of examples with their pictures. */
export function someExamples(
  open: OpenModel,
  dataset: ExampleDataset,
  count: number,
  seed: number,
): Example[] {
  const random = seededRandom(seed, 'examples');
  const indices = Array.from({ length: count }, () => Math.floor(random.next() * dataset.count));
  return [...new Set(indices)].map((index) => {
    const image = pictureOf(dataset, index);
    const label = labelOf(open, dataset, index);
    return { index, ...(label !== undefined && { label }), ...(image && { image }) };
  });
}

function labelOf(open: OpenModel, dataset: ExampleDataset, index: number): string | undefined {
  const label = dataset.labels?.[index];
  return label === undefined ? undefined : (open.labels?.[label] ?? String(label));
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
  dataset: ExampleDataset,
  index: number,
): Promise<Classification> {
  const picked = { ...dataset, count: 1, arrays: pickExamples(dataset, [index]) };
  const arrays = preparedExamples(open, picked).arrays;
  const original = await probabilities(pair.left, arrays);
  const compressed = await probabilities(pair.right, arrays);
  const expected = dataset.labels?.[index];
  return {
    labels: open.labels ?? original.map((_, i) => String(i)),
    original,
    compressed,
    ...(expected !== undefined && { expected }),
  };
}

async function probabilities(
  session: Session,
  arrays: ExampleDataset['arrays'],
): Promise<number[]> {
  const logits = await runLogits(
    session,
    exampleFeeds(session.inputs, arrays),
    scoreOutput(session),
  );
  const row = logits.values.subarray(0, logits.classes);
  const top = row.reduce((a, b) => Math.max(a, b), -Infinity);
  const weights = Array.from(row, (v) => Math.exp(v - top));
  const total = weights.reduce((a, b) => a + b, 0);
  return weights.map((w) => w / total);
}
