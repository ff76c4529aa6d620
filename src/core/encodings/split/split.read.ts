import { bytesAtHand } from '../../onnx/at-hand.ts';
import { intAttribute } from '../../onnx/graph/attributes.ts';
import { makeNode } from '../../onnx/graph/make.ts';
import type { Node, Tensor } from '../../onnx/types.ts';
import { isFloatType } from '../../tensor/convert.ts';
import { DataType, elementCount } from '../../tensor/data-type.ts';
import { transpose } from '../../tensor/matrix.ts';
import { readInteger } from '../fusions/matmul-integer.read.ts';
import { floatsOf } from '../stored/numbers.ts';
import { isStandard, storedTensor } from '../stored/trace.ts';
import type { StoredWeight, Surroundings } from '../stored/types.ts';
import { othersOf } from './columns.ts';

/**
 * Gather of some columns → MatMul with floats, plus Gather of all others → the product of integers: the layer is found at their
 * sum, and its input is what both gather from.
 */
export function readSplit(around: Surroundings, node: Node): StoredWeight | undefined {
  const halves = isStandard(node, 'Add') ? halvesOf(around, node) : undefined;
  if (halves === undefined) return undefined;
  const { kept, rest, from } = halves;
  const { rows } = rest.stored;
  const columns = rest.stored.columns + kept.tensor.dims[0];
  const known = columnsOf(kept.indices.tensor, rest.indices.tensor, columns);
  if (known === undefined || kept.tensor.dims[1] !== rows) return undefined;
  const [output] = node.outputs;
  const float = { kind: 'plain', dataType: kept.tensor.dataType } as const;
  const { elementType } = kept;
  const encoded = {
    kind: 'split',
    columns: known,
    kept: float,
    rest: rest.stored.encoded,
  } as const;
  return {
    ...{ kernel: rest.stored.kernel, rows, columns, bits: rest.stored.bits, encoded },
    tensors: [...rest.stored.tensors, kept.tensor],
    ...{ node, output, input: from, op: 'MatMul', roundsInput: true, elementType },
    inside: [...rest.stored.inside, rest.stored.output, ...rest.inside, ...kept.inside],
    layout: 'in-out',
    dims: [columns, rows],
    over: (weight) => makeNode('MatMul', [from, weight], [output], {}, '', node.name),
    read: async () => {
      const values = transpose(await floatsOf(kept.tensor), known.length, rows);
      return {
        ...encoded,
        kept: { ...float, values },
        rest: await rest.stored.read(),
      };
    },
  };
}

interface Gathered {
  readonly from: string;
  readonly indices: { readonly tensor: Tensor };
  /** Values between. */
  readonly inside: readonly string[];
}

function halvesOf(around: Surroundings, { inputs }: Node) {
  const [a, b] = inputs;
  const [kept, rest] =
    restOf(around, b) === undefined
      ? [keptOf(around, b), restOf(around, a)]
      : [keptOf(around, a), restOf(around, b)];
  return kept && rest && kept.from === rest.from ? { kept, rest, from: kept.from } : undefined;
}

function keptOf(around: Surroundings, value: string) {
  const { index } = around;
  const node = index.producer(value)?.node;
  const stored = isStandard(node, 'MatMul') ? storedTensor(index, node.inputs[1]) : undefined;
  const gathered = stored && node && gatheredFrom(around, node.inputs[0]);
  if (stored === undefined || gathered === undefined) return undefined;
  const { tensor, elementType } = stored;
  if (tensor.dims.length !== 2 || !isFloatType(tensor.dataType)) return undefined;
  return { ...gathered, tensor, elementType, inside: [value, ...gathered.inside] };
}

function restOf(around: Surroundings, value: string) {
  const made = behindCasts(around, value);
  const node = around.index.producer(made.value)?.node;
  const stored = node && readInteger(around, node);
  const gathered = stored && gatheredFrom(around, stored.input);
  if (stored === undefined || gathered === undefined) return undefined;
  return { ...gathered, stored, inside: [...made.passed, ...gathered.inside] };
}

/** The value whose columns are gathered by stored places along the last axis. */
function gatheredFrom(around: Surroundings, value: string): Gathered | undefined {
  const made = behindCasts(around, value);
  const node = around.index.producer(made.value)?.node;
  if (!isStandard(node, 'Gather') || intAttribute(node, 'axis', 0) !== -1) return undefined;
  const tensor = around.index.initializer(node.inputs[1]);
  if (tensor === undefined) return undefined;
  const inside = [...made.passed, made.value];
  return { from: node.inputs[0], indices: { tensor }, inside };
}

function behindCasts({ index }: Surroundings, start: string) {
  const passed: string[] = [];
  let value = start;
  for (let node = index.producer(value)?.node; isStandard(node, 'Cast');) {
    passed.push(value);
    [value] = node.inputs;
    node = index.producer(value)?.node;
  }
  return { value, passed };
}

/** Ascending columns apart, where the others are all that are left, in their order; undefined where they cannot be read at once. */
function columnsOf(apart: Tensor, others: Tensor, count: number): readonly number[] | undefined {
  const [columns, rest] = [apart, others].map(numbersOf);
  if (columns === undefined || rest === undefined) return undefined;
  const expected = othersOf(columns, count);
  const whole = expected.length === rest.length && expected.every((c, i) => c === rest[i]);
  return whole && columns.every((c, i) => c < count && (i === 0 || columns[i - 1] < c))
    ? columns
    : undefined;
}

function numbersOf({ dataType, dims, data }: Tensor): number[] | undefined {
  const bytes = dataType === DataType.int32 ? bytesAtHand(data) : undefined;
  if (bytes === undefined) return undefined;
  return [...new Int32Array(bytes.slice().buffer, 0, elementCount(dims))];
}
