import { intAttribute } from '../../onnx/graph/attributes.ts';
import { makeNode } from '../../onnx/graph/make.ts';
import type { Node, Tensor } from '../../onnx/types.ts';
import { elementCount } from '../../tensor/data-type.ts';
import {
  codeType,
  filled,
  floatsOf,
  outIn,
  perRow,
  scaleForm,
  unsignedCodes,
  zeroForm,
  zeroValues,
  type ZeroForm,
} from '../stored/numbers.ts';
import { isStandard, storedTensor, weightOperand } from '../stored/trace.ts';
import type { StoredMatrix, StoredWeight, Surroundings } from '../stored/types.ts';
import type { Coded, MatrixLayout } from '../types.ts';

/** DequantizeLinear of a weight before its product, or of the rows a look-up brings. */
export function readQdq(around: Surroundings, node: Node): StoredWeight | undefined {
  const operand = weightOperand(around, node);
  if (operand === undefined) return lookedUpFirst(around, node);
  const { op, slot, input, maker, lies, wanted, castTo } = operand;
  const matrix = dequantized(around, maker, op === 'Conv' ? 'conv' : lies);
  if (matrix === undefined) return undefined;
  const { rows, columns, tensors } = matrix;
  const [output] = node.outputs;
  const inOut = wanted === 'in-out';
  return {
    ...matrix,
    ...{ node, output, input, op, inside: [], roundsInput: false, layout: wanted },
    elementType: castTo ?? storedTensor(around.index, maker.inputs[1])?.elementType ?? 0,
    dims: op === 'Conv' ? tensors[0].dims : inOut ? [columns, rows] : [rows, columns],
    over: (weight) => ({ ...node, inputs: node.inputs.with(slot, weight) }),
  };
}

/** A table of codes whose rows become numbers after they were looked up, as one scale for all of it allows. */
function lookedUpFirst(around: Surroundings, node: Node): StoredWeight | undefined {
  const { index } = around;
  const gather = isStandard(node, 'DequantizeLinear') && index.producer(node.inputs[0])?.node;
  if (!gather || !isStandard(gather, 'Gather') || intAttribute(gather, 'axis', 0) !== 0) {
    return undefined;
  }
  const [table, indices] = gather.inputs;
  const matrix = dequantized(around, { ...node, inputs: node.inputs.with(0, table) }, 'out-in');
  if (matrix === undefined || !isTensorWide(matrix) || around.isConstant(indices)) return undefined;
  const [output] = node.outputs;
  return {
    ...matrix,
    ...{ node, output, input: indices, op: 'Gather', roundsInput: false, layout: 'out-in' },
    inside: [gather.outputs[0]],
    elementType: storedTensor(index, node.inputs[1])?.elementType ?? 0,
    dims: [matrix.rows, matrix.columns],
    over: (weight) => makeNode('Gather', [weight, indices], [output], { axis: 0 }, '', node.name),
  };
}

function isTensorWide({ encoded }: StoredMatrix): boolean {
  return encoded.kind === 'coded' && encoded.granularity === 'tensor';
}

/** What a DequantizeLinear makes of stored codes; undefined where its scales run along another axis. */
function dequantized(
  { index }: Surroundings,
  maker: Node,
  lies: MatrixLayout | 'conv',
): StoredMatrix | undefined {
  if (!isStandard(maker, 'DequantizeLinear')) return undefined;
  const [codes, scales, zeros] = maker.inputs.map((value) => storedTensor(index, value)?.tensor);
  const type = codes && codeType(codes);
  const form = scaleForm(scales);
  if (codes === undefined || scales === undefined || !type || !form) return undefined;
  if (maker.inputs[2] && zeros === undefined) return undefined;
  const shape = shapeOf(codes, lies);
  const grain = shape && grainOf(maker, codes, scales, lies, shape.columns);
  if (shape === undefined || grain === undefined) return undefined;
  if (zeros && elementCount(zeros.dims) !== elementCount(scales.dims)) return undefined;
  const zero: ZeroForm = zeros ? { tensor: zeros } : type.signed ? 'middle' : 'zero';
  const encoded: Coded = {
    ...{ kind: 'coded', bits: type.bits, grid: 'integer', ...grain, scales: form },
    ...zeroForm(zero),
  };
  const values = { codes, scales, zero, lies: lies === 'conv' ? 'out-in' : lies } as const;
  return {
    ...{ kernel: 'DequantizeLinear', ...shape, bits: type.bits, encoded },
    tensors: [codes, scales, ...(zeros ? [zeros] : [])],
    read: () => readValues(encoded, shape, values),
  };
}

function shapeOf({ dims }: Tensor, lies: MatrixLayout | 'conv') {
  if (lies !== 'conv' && dims.length !== 2) return undefined;
  const rows = lies === 'in-out' ? dims[1] : dims[0];
  return rows > 0 ? { rows, columns: elementCount(dims) / rows } : undefined;
}

/** Which of the codes share a scale: all, those of an output, or blocks of an output's inputs. */
function grainOf(
  node: Node,
  codes: Tensor,
  scales: Tensor,
  lies: MatrixLayout | 'conv',
  columns: number,
): Pick<Coded, 'granularity' | 'groupSize'> | undefined {
  const rank = codes.dims.length;
  const given = intAttribute(node, 'axis', 1);
  const axis = given < 0 ? given + rank : given;
  const block = intAttribute(node, 'block_size', 0);
  const rowAxis = lies === 'in-out' ? 1 : 0;
  if (block > 0) {
    const groups = Math.ceil(columns / block);
    const fits = elementCount(scales.dims) === (elementCount(codes.dims) / columns) * groups;
    const along = lies !== 'conv' && axis === 1 - rowAxis && scales.dims.length === rank;
    return along && fits
      ? { granularity: 'block', groupSize: Math.min(block, columns) }
      : undefined;
  }
  if (elementCount(scales.dims) === 1) return { granularity: 'tensor', groupSize: columns };
  const channels = axis === rowAxis && elementCount(scales.dims) === codes.dims[rowAxis];
  return channels ? { granularity: 'channel', groupSize: columns } : undefined;
}

async function readValues(
  form: Coded,
  shape: { readonly rows: number; readonly columns: number },
  stored: {
    readonly codes: Tensor;
    readonly scales: Tensor;
    readonly zero: ZeroForm;
    readonly lies: MatrixLayout;
  },
): Promise<Coded> {
  const { granularity, groupSize } = form;
  const groups = granularity === 'block' ? Math.ceil(shape.columns / groupSize) : 1;
  const count = granularity === 'tensor' ? 1 : shape.rows * groups;
  const laid = <T extends Float32Array | Uint8Array>(values: T): T =>
    groups === 1 ? values : outIn(values, { rows: shape.rows, columns: groups }, stored.lies);
  const zeros = await zeroValues(stored.zero, count);
  return filled(form, {
    codes: outIn(await unsignedCodes(stored.codes), shape, stored.lies),
    scales: laid(await floatsOf(stored.scales)),
    zeros: zeros && laid(perRow(zeros, count)),
  });
}
