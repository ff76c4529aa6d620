import { batchAxis, tokenAxis } from '../core/cache/axes.ts';
import { fixedKind, selfCaches } from '../core/cache/layout.ts';
import { tokenInput } from '../core/cache/token-input.ts';
import { LatheError } from '../core/errors/lathe-error.ts';
import { dataTypeName } from '../core/tensor/data-type.ts';
import type { Value } from '../core/tensor/values.ts';
import { fillerOf, grid, type Shape } from './fillers.ts';
import type { Past, TokenBatch } from './token-batch.ts';
import type { PortInfo } from './types.ts';
import { castValue, lostByCast, type Feeds } from './values.ts';

export { tokenInput };
export type { Past, TokenBatch };

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
  const shape = shapeOf(inputs, target, tokens);
  return Object.fromEntries(
    inputs.map((port) => [
      port.name,
      extra.get(port.name) ??
        (port === target ? idsOf(port, tokens, shape) : filled(port, tokens, shape)),
    ]),
  );
}

function shapeOf(inputs: readonly PortInfo[], target: PortInfo, tokens: TokenBatch): Shape {
  const cache = selfCaches(inputs).at(0);
  const axis = cache && tokenAxis(cache, undefined, batchAxis(cache, target));
  const size = cache && axis !== undefined ? cache.dims[axis] : undefined;
  const capacity = typeof size === 'number' && size > 0 ? size : undefined;
  return {
    batch: tokens.windows.length,
    length: lengthOf(tokens),
    past: tokens.past?.length ?? 0,
    target,
    ...(capacity !== undefined && {
      places: { capacity, kind: fixedKind(inputs, capacity) },
    }),
  };
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

function filled(port: PortInfo, tokens: TokenBatch, shape: Shape): Value {
  const filler = fillerOf(port);
  if (filler === undefined) throw unknownInput(port.name);
  return filler(port, tokens, shape);
}

function idsOf(port: PortInfo, { windows, padId = 0 }: TokenBatch, shape: Shape): Value {
  return grid(port, shape, (row, column) =>
    column < windows[row].length ? windows[row][column] : padId,
  );
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
