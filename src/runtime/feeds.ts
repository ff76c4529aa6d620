import { LatheError } from '../core/errors/lathe-error.ts';
import { DataType, dataTypeName } from '../core/tensor/data-type.ts';
import type { Value } from '../core/tensor/values.ts';
import type { PortInfo } from './types.ts';
import { castValue, lostByCast, makeValue, type Feeds } from './values.ts';

/** Token windows that run together. Shorter ones are padded on the right and masked. */
export interface TokenBatch {
  readonly windows: readonly ArrayLike<number>[];
  /** Any id of the vocabulary; masked positions are not looked at. Default 0. */
  readonly padId?: number;
  /** Pad to this many tokens; to the longest window unless stated. */
  readonly length?: number;
  /** What earlier tokens of the same texts left behind: the windows then go on from there. */
  readonly past?: Past;
  /** Arrays for inputs that text does not determine, or that are known better; they win over what text gives. */
  readonly extra?: Feeds;
}

/** A key/value cache that is filled: its arrays under the names of the inputs that take them. */
export interface Past {
  /** Tokens it stands for, the same in every row. */
  readonly length: number;
  readonly values: Feeds;
}

interface Shape {
  readonly batch: number;
  readonly length: number;
  /** Tokens that the cache stands for. */
  readonly past: number;
}

/** Inputs that take a key/value cache, as Optimum, transformers.js and ORT's own exporters name them. */
export const CACHE_INPUT = /^past(_key_values?)?[._]|^past_\d+$/;

type Filler = (port: PortInfo, tokens: TokenBatch, shape: Shape) => Value;

const TOKEN_NAMES = ['input_ids', 'decoder_input_ids', 'tokens', 'ids', 'input'];

/** By name, as Optimum, transformers.js and ORT's own exporters call a language model's inputs. */
const FILLERS: readonly [RegExp, Filler][] = [
  [/^(decoder_)?attention_mask$/, maskOf],
  [
    /^position_ids$|^positions$/,
    (port, _, shape) => grid(port, shape, (_row, column) => shape.past + column),
  ],
  [/^token_type_ids$|^segment_ids$/, (port, _, shape) => grid(port, shape, () => 0)],
  [
    /^cache_position$/,
    (port, _, { length, past }) => makeValue(port.dataType, [length], (i) => past + i),
  ],
  [CACHE_INPUT, (port, { past }, shape) => past?.values[port.name] ?? emptyCache(port, shape)],
  [
    /^use_cache(_branch)?$/,
    (port, _, { past }) => makeValue(port.dataType, sizes(port), () => Number(past > 0)),
  ],
  [/^num_logits_to_keep$/, (port) => makeValue(port.dataType, sizes(port), () => 0)],
];

/** The input that takes token ids: by its usual names, else the only whole-number input of rank 2. */
export function tokenInput(inputs: readonly PortInfo[]): PortInfo | undefined {
  const named = TOKEN_NAMES.map((name) =>
    inputs.find((port) => port.name === name && isInteger(port)),
  );
  const known = named.find((port) => port !== undefined);
  if (known) return known;
  const candidates = inputs.filter((port) => isInteger(port) && port.dims.length === 2);
  return candidates.length === 1 ? candidates[0] : undefined;
}

/**
 * Inputs of a language model for one batch of token windows: ids, attention mask, positions, token
 * types, a key/value cache (empty, its switch off, unless a past is given). `extra` arrays are given as they are,
 * also where they would have been the token ids. Throws `input-unknown` for an input that text does not
 * determine, `no-token-input` when no input takes tokens.
 */
export function languageFeeds(inputs: readonly PortInfo[], tokens: TokenBatch): Feeds {
  const extra = new Map(Object.entries(tokens.extra ?? {}));
  const target = tokenInput(inputs.filter(({ name }) => !extra.has(name)));
  if (target === undefined) throw noTokenInput(inputs);
  const shape = {
    batch: tokens.windows.length,
    length: lengthOf(tokens),
    past: tokens.past?.length ?? 0,
  };
  return Object.fromEntries(
    inputs.map((port) => [
      port.name,
      extra.get(port.name) ??
        (port === target ? idsOf(port, tokens, shape) : fill(port, tokens, shape)),
    ]),
  );
}

function lengthOf({ windows, length }: TokenBatch): number {
  return length ?? Math.max(...windows.map((window) => window.length));
}

/** 1 for every real position, 0 for padding, row by row: which rows of [batch·length] count. */
export function realPositions(tokens: TokenBatch): Uint8Array {
  const { windows } = tokens;
  const length = lengthOf(tokens);
  const mask = new Uint8Array(windows.length * length);
  windows.forEach((window, row) => mask.fill(1, row * length, row * length + window.length));
  return mask;
}

/**
 * Inputs from examples' named arrays: cast to the declared type where every number survives it, with a
 * batch dimension of one put in front where it is missing. Throws `missing-input`, `array-type`.
 */
export function exampleFeeds(inputs: readonly PortInfo[], arrays: Feeds): Feeds {
  return Object.fromEntries(
    inputs.map((port) => {
      const found = Object.hasOwn(arrays, port.name) ? arrays[port.name] : undefined;
      if (found === undefined) throw missingArray(port.name, Object.keys(arrays));
      const lost = lostByCast(found, port.dataType);
      if (lost !== undefined) throw wrongType(port, lost);
      return [port.name, withBatch(castValue(found, port.dataType), port)];
    }),
  );
}

function withBatch(value: Value, port: PortInfo): Value {
  return value.dims.length === port.dims.length - 1
    ? { ...value, dims: [1, ...value.dims] }
    : value;
}

function fill(port: PortInfo, tokens: TokenBatch, shape: Shape): Value {
  const filler = FILLERS.find(([pattern]) => pattern.test(port.name))?.[1];
  if (filler === undefined) throw unknownInput(port.name);
  return filler(port, tokens, shape);
}

function idsOf(port: PortInfo, { windows, padId = 0 }: TokenBatch, shape: Shape): Value {
  return grid(port, shape, (row, column) =>
    column < windows[row].length ? windows[row][column] : padId,
  );
}

/** The mask covers what is in the cache as well. */
function maskOf(port: PortInfo, { windows }: TokenBatch, { batch, length, past }: Shape): Value {
  const covered = { batch, length: past + length, past };
  return grid(port, covered, (row, column) => Number(column < past + windows[row].length));
}

function grid(port: PortInfo, shape: Shape, at: (row: number, column: number) => number): Value {
  const { batch, length } = shape;
  // Some exporters drop the batch dimension of positions and of single-sequence models.
  const dims = port.dims.length === 1 ? [batch * length] : [batch, length];
  return makeValue(port.dataType, dims, (i) => at(Math.floor(i / length), i % length));
}

/** Keys and values in one array have them in front: [2, batch, heads, length, size]. */
export function cacheBatchAxis({ dims }: PortInfo): number {
  return dims.length === 5 ? 1 : 0;
}

/** A cache of no positions: every symbol but the batch is the empty past. */
function emptyCache(port: PortInfo, { batch }: Shape): Value {
  const dims = port.dims.map((dim, axis) => {
    if (typeof dim === 'number' && dim >= 0) return dim;
    return axis === cacheBatchAxis(port) ? batch : 0;
  });
  return makeValue(port.dataType, dims, () => 0);
}

function sizes(port: PortInfo): number[] {
  return port.dims.map((dim) => (typeof dim === 'number' ? dim : 1));
}

function isInteger(port: PortInfo): boolean {
  return port.dataType === DataType.int64 || port.dataType === DataType.int32;
}

function noTokenInput(inputs: readonly PortInfo[]): LatheError {
  const names = inputs.map((port) => `"${port.name}"`).join(', ');
  return new LatheError(
    'no-token-input',
    `None of the model's inputs (${names}) takes token ids, so text cannot be fed to it; give named arrays (.npz or .jsonl) instead of text.`,
  );
}

function unknownInput(name: string): LatheError {
  return new LatheError(
    'input-unknown',
    `The model needs the input "${name}", which text does not determine; give named arrays (.npz or .jsonl) instead of text.`,
    { name },
  );
}

function missingArray(name: string, given: readonly string[]): LatheError {
  const list = given.length === 0 ? 'none' : given.map((key) => `"${key}"`).join(', ');
  return new LatheError(
    'missing-input',
    `The model needs an array named "${name}", but the data holds ${list}; rename or add the array.`,
    { name },
  );
}

function wrongType({ name, dataType }: PortInfo, found: number): LatheError {
  return new LatheError(
    'array-type',
    `The array "${name}" holds ${found}, but the model's input takes numbers of type ${dataTypeName(dataType) ?? dataType}, which cannot be ${found}; store the numbers the model was made for.`,
    { name, found },
  );
}
