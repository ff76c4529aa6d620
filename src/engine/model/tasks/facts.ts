import type { Anatomy } from '../../../core/anatomy/types.ts';
import { isCacheInput } from '../../../core/data/cache-input.ts';
import type { Dim } from '../../../core/onnx/shape/dimension.ts';
import { inferShapes, type ShapeInfo } from '../../../core/onnx/shape/infer.ts';
import type { Model, ValueInfo } from '../../../core/onnx/types.ts';
import { DataType } from '../../../core/tensor/data-type.ts';
import { labelsOf, type ModelConfig } from '../config.ts';

/** A floating-point output that is no cache; without dimensions where not even inference knows them. */
export interface OutputFact {
  readonly name: string;
  readonly dims?: readonly Dim[];
}

/** What the task is told by. */
export interface TaskFacts {
  readonly inputs: readonly ValueInfo[];
  /** Sequences of token ids go in. */
  readonly tokens: boolean;
  /** Pixels, sound or other features go in. */
  readonly features: boolean;
  /** The states of an encoder go in, or the tokens of a second side, or their cache. */
  readonly source: boolean;
  readonly outputs: readonly OutputFact[];
  /** The one that holds the scores: `logits`, else the first. */
  readonly scores?: OutputFact;
  readonly vocabulary?: number;
  readonly labels?: number;
  readonly architectures: readonly string[];
  readonly anatomy: Anatomy;
}

const FLOATS = new Set<number | undefined>([
  DataType.float32,
  DataType.float16,
  DataType.float64,
  DataType.bfloat16,
]);
const INTEGERS = new Set<number | undefined>([DataType.int64, DataType.int32]);

/** Looks at a model once. Shapes are inferred only where the file does not declare those of its outputs. */
export function taskFacts(model: Model, anatomy: Anatomy, config: ModelConfig): TaskFacts {
  const inputs = realInputs(model);
  const outputs = scoreOutputs(model);
  const labels = labelsOf(config)?.length;
  const vocabulary = anatomy.vocabularySize ?? config.vocab_size;
  return {
    inputs,
    tokens: inputs.some(isTokens),
    features: inputs.some(isFeatures),
    source: inputs.some(isSource),
    outputs,
    scores: outputs.find(({ name }) => name === 'logits') ?? outputs.at(0),
    architectures: config.architectures ?? [],
    anatomy,
    ...(vocabulary !== undefined && { vocabulary }),
    ...(labels !== undefined && { labels }),
  };
}

function realInputs({ graph }: Model): readonly ValueInfo[] {
  const stored = new Set(graph.initializers.map(({ name }) => name));
  return graph.inputs.filter(({ name }) => !stored.has(name));
}

function rankOf({ type }: ValueInfo): number | undefined {
  return type?.dims?.length;
}

/** Token ids [examples, tokens]; masks have the same type and shape. */
export function isTokens(input: ValueInfo): boolean {
  return INTEGERS.has(input.type?.dataType) && rankOf(input) === 2 && !/mask/.test(input.name);
}

const SOURCE = /^encoder_(hidden_states?|outputs?)/;

function isSource({ name }: ValueInfo): boolean {
  return SOURCE.test(name) || name === 'decoder_input_ids' || /\.encoder\.(key|value)$/.test(name);
}

/** Pictures may be bytes; sound and features are floats. */
function isFeatures(input: ValueInfo): boolean {
  const { name, type } = input;
  const picture = rankOf(input) === 4 && (type?.dataType === DataType.uint8 || /pixel/.test(name));
  const other = FLOATS.has(type?.dataType) && (rankOf(input) ?? 2) >= 2;
  return picture || (other && !isCacheInput(name) && !isSource(input) && !/mask|embeds/.test(name));
}

const CACHE_OUTPUT = /^(present|past)(_|\.|$)/;

function scoreOutputs(model: Model): OutputFact[] {
  const { outputs } = model.graph;
  const declared = outputs.every(({ type }) => type?.dims && knowsWidth(type.dims));
  const shapes = declared ? undefined : inferred(model);
  return outputs
    .filter(({ name, type }) => {
      const dataType = type?.dataType || shapes?.dataTypeOf(name);
      return FLOATS.has(dataType) && !CACHE_OUTPUT.test(name);
    })
    .map(({ name, type }) => {
      const own = type?.dims?.map(({ value, symbol }): Dim => value ?? symbol);
      const found = shapes?.typeOf(name)?.dims;
      const dims = merged(own, found);
      return { name, ...(dims && { dims }) };
    });
}

function knowsWidth(dims: NonNullable<ValueInfo['type']>['dims']): boolean {
  return dims?.at(-1)?.value !== undefined;
}

/** What is declared, its open sizes as inference has them. */
function merged(
  own: readonly Dim[] | undefined,
  found: readonly Dim[] | undefined,
): readonly Dim[] | undefined {
  if (own === undefined || found?.length !== own.length) return own ?? found;
  return own.map((dim, axis) => (typeof dim === 'number' ? dim : (found[axis] ?? dim)));
}

/** A graph whose shapes cannot be inferred is judged by what it declares. */
function inferred(model: Model): ShapeInfo | undefined {
  try {
    return inferShapes(model);
  } catch {
    return undefined;
  }
}
