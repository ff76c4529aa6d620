import { intAttribute } from '../../onnx/graph/attributes.ts';
import { makeNode } from '../../onnx/graph/make.ts';
import type { Node, Tensor } from '../../onnx/types.ts';
import { bitsPerElement, DataType, elementCount } from '../../tensor/data-type.ts';
import type { Encoded, Plain } from '../types.ts';
import { computeValue, isComputable } from './compute/compute.ts';
import { dense } from './compute/dense.ts';
import { outIn } from './numbers.ts';
import { isStandard, weightOperand } from './trace.ts';
import type { StoredWeight, Surroundings } from './types.ts';

/** What codes are unpacked to before they meet the layer's own type. */
const NUMBERS: Plain = { kind: 'plain', dataType: DataType.float32 };

/**
 * A weight that standard operators unpack from stored codes: other widths, tables, sums, sparse storage. What they
 * make of the codes is computed; how they do it is not looked into.
 */
export function readComputed(around: Surroundings, node: Node): StoredWeight | undefined {
  const operand = weightOperand(around, node);
  if (operand === undefined) return rowsOfCodes(around, node);
  const { op, slot, input, value, lies, wanted, castTo } = operand;
  const dims = knownDims(around, value);
  if (dims === undefined || (op !== 'Conv' && dims.length !== 2)) return undefined;
  const rows = op === 'Conv' || lies === 'out-in' ? dims[0] : dims[1];
  const columns = elementCount(dims) / rows;
  const stored = codesBehind(around, value, rows * columns);
  if (stored === undefined) return undefined;
  const [output] = node.outputs;
  return {
    ...{ kernel: 'standard operators', rows, columns, ...stored, encoded: NUMBERS, node, output },
    ...{ input, op, inside: [], roundsInput: false, layout: wanted },
    elementType: castTo ?? around.dataTypeOf(value),
    dims: op === 'Conv' ? dims : wanted === 'in-out' ? [columns, rows] : [rows, columns],
    over: (weight) => ({ ...node, inputs: node.inputs.with(slot, weight) }),
    read: async () => {
      const { data } = await computeValue(around.index, value);
      const laid = op === 'Conv' ? 'out-in' : lies;
      return numbersOf(outIn(Float32Array.from(data), { rows, columns }, laid));
    },
  };
}

function numbersOf(values: Float32Array): Encoded {
  return { ...NUMBERS, values };
}

/**
 * A look-up that unpacks only the rows it is asked for: flat row numbers pick stored rows, and the result gets
 * the shape of the indices and the width. The whole table is what comes for all row numbers.
 */
function rowsOfCodes(around: Surroundings, node: Node): StoredWeight | undefined {
  const { index } = around;
  const indices = indicesOf(around, node);
  if (indices === undefined) return undefined;
  const [unpacked] = node.inputs;
  const picks = picksBehind(around, unpacked, indices);
  const rows = picks?.rows;
  const columns = around.dimsOf(node.outputs[0])?.at(-1);
  if (picks === undefined || rows === undefined || columns === undefined) return undefined;
  const stored = codesBehind(around, unpacked, rows * columns, picks.picked);
  if (stored === undefined) return undefined;
  const [output] = node.outputs;
  const all = dense(
    DataType.int64,
    [rows],
    Int32Array.from({ length: rows }, (_, r) => r),
  );
  return {
    ...{ kernel: 'standard operators', rows, columns, ...stored, encoded: NUMBERS, node, output },
    ...{ input: indices, op: 'Gather', inside: [...picks.inside], roundsInput: false },
    layout: 'out-in',
    elementType: around.dataTypeOf(output),
    dims: [rows, columns],
    over: (weight) => makeNode('Gather', [weight, indices], [output], { axis: 0 }, '', node.name),
    read: async () => {
      const { data } = await computeValue(index, unpacked, new Map([[picks.picked, all]]));
      return numbersOf(Float32Array.from(data));
    },
  };
}

/** Reshape(…, Concat(Shape(indices), width)): the end of such a look-up. */
function indicesOf({ index }: Surroundings, node: Node): string | undefined {
  if (!isStandard(node, 'Reshape')) return undefined;
  const shape = index.producer(node.inputs[1])?.node;
  if (!isStandard(shape, 'Concat') || shape.inputs.length !== 2) return undefined;
  const leading = index.producer(shape.inputs[0])?.node;
  return isStandard(leading, 'Shape') ? leading.inputs[0] : undefined;
}

interface Picks {
  readonly picked: string;
  /** How many rows there are to pick from. */
  readonly rows: number;
  /** All values on the way that are not the same for every look-up. */
  readonly inside: ReadonlySet<string>;
}

/** The flat row numbers that everything behind a value is picked by, and a table they pick from. */
function picksBehind(around: Surroundings, value: string, indices: string): Picks | undefined {
  const { index } = around;
  let found: Picks | undefined;
  const open = [value];
  const seen = new Set(open);
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const node = index.producer(next)?.node;
    if (node === undefined || !isComputable(node)) return undefined;
    const [table, picked] = node.inputs;
    if (
      isStandard(node, 'Gather') &&
      around.isConstant(table) &&
      flattens(index, picked, indices)
    ) {
      const rows = around.dimsOf(table)?.at(intAttribute(node, 'axis', 0));
      if (rows === undefined) return undefined;
      if (found !== undefined && (found.picked !== picked || found.rows !== rows)) return undefined;
      found ??= { picked, rows, inside: seen };
      continue;
    }
    for (const input of node.inputs) {
      if (input === '' || around.isConstant(input) || seen.has(input)) continue;
      seen.add(input);
      open.push(input);
    }
  }
  return found;
}

function flattens(index: Surroundings['index'], value: string, indices: string): boolean {
  const node = index.producer(value)?.node;
  if (!isStandard(node, 'Reshape') || node.inputs[0] !== indices) return false;
  const shape = index.initializer(node.inputs[1]);
  return shape?.dims.length === 1 && shape.dims[0] === 1;
}

function knownDims(around: Surroundings, value: string): readonly number[] | undefined {
  const dims = around.dimsOf(value);
  const known = dims?.filter((size) => size !== undefined);
  return known !== undefined && known.length === dims?.length && known.length >= 2
    ? known
    : undefined;
}

const CODES = new Set<number>([
  DataType.int8,
  DataType.uint8,
  DataType.int4,
  DataType.uint4,
  DataType.int2,
  DataType.uint2,
]);

/** Small constants of the unpacking (shapes, shifts, tables of the standards) are no part of a weight. */
const SMALLEST = 17;

/** Tables that all weights of a model share are no part of one either. */
const SHARED_TABLE = /^lathe_table_/;

/** The stored tensors behind a value, the largest codes first; undefined where no codes are among them. */
function codesBehind({ index }: Surroundings, value: string, count: number, picked?: string) {
  const found = new Map<string, Tensor>();
  const open = [value];
  const seen = new Set(picked === undefined ? open : [value, picked]);
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const tensor = index.initializer(next);
    if (tensor) found.set(next, tensor);
    const node = index.producer(next)?.node;
    if (node !== undefined && !isComputable(node)) return undefined;
    for (const input of node?.inputs ?? []) {
      if (input === '' || seen.has(input)) continue;
      seen.add(input);
      open.push(input);
    }
  }
  const all = [...found.values()];
  const codes = all.filter(({ dataType }) => CODES.has(dataType)).sort(byCount);
  // At least a bit for every weight: scales and zeros that are coded themselves take less.
  const widths = codes.map((tensor) => bitsIn(tensor) / count).filter((width) => width >= 1);
  if (widths.length === 0) return undefined;
  const others = all.filter(({ name, dataType, dims }) => {
    if (CODES.has(dataType) || dataType === DataType.int64 || SHARED_TABLE.test(name)) return false;
    return elementCount(dims) >= SMALLEST;
  });
  // Rows padded to whole words take a little more than their codes.
  const bits = Math.floor(widths.reduce((sum, width) => sum + width, 0) + 1 / 4);
  return { bits: bitsOverVectors(others) ?? bits, tensors: [...codes, ...others] };
}

/** Bits for each weight where codes stand for vectors of a table, [2^bits, vector]; two digits of them. */
function bitsOverVectors(others: readonly Tensor[]): number | undefined {
  const dims = others.find(({ name }) => VECTORS.test(name))?.dims;
  return dims?.length === 2 ? Number((Math.log2(dims[0]) / dims[1]).toFixed(2)) : undefined;
}

const VECTORS = /_vectors(_\d+)?$/;

function byCount(a: Tensor, b: Tensor): number {
  return bitsIn(b) - bitsIn(a);
}

function bitsIn({ dims, dataType }: Tensor): number {
  return elementCount(dims) * bitsPerElement(dataType);
}
