import { intAttribute } from '../../onnx/graph/attributes.ts';
import { makeNode } from '../../onnx/graph/make.ts';
import type { Node, Tensor } from '../../onnx/types.ts';
import { isFloatType } from '../../tensor/convert.ts';
import { DataType, elementCount } from '../../tensor/data-type.ts';
import { computedScales, type Scales } from '../stored/computed-scales.ts';
import { filled, floatsOf, packedRows, scaleForm } from '../stored/numbers.ts';
import { isMicrosoft, storedTensor } from '../stored/trace.ts';
import type { StoredWeight, Surroundings } from '../stored/types.ts';
import type { Coded, Shape } from '../types.ts';

interface Sizes extends Shape {
  readonly bits: 2 | 4 | 8;
  readonly block: number;
  readonly groups: number;
}

/** MatMulNBits without reordered columns (g_idx) or a bias of its own. */
export function readNBits(around: Surroundings, node: Node): StoredWeight | undefined {
  const { index } = around;
  if (!isMicrosoft(node, 'MatMulNBits') || node.inputs[4] || node.inputs[5]) return undefined;
  const sizes = sizesOf(node);
  const [codes, zeros] = [1, 3].map((slot) => storedTensor(index, node.inputs[slot]));
  const scales = scalesOf(around, node.inputs[2]);
  if (sizes === undefined || codes === undefined || scales === undefined) return undefined;
  if (node.inputs[3] && zeros === undefined) return undefined;
  const { rows, columns, bits, block, groups } = sizes;
  if (codes.tensor.data.byteLength !== (rows * groups * block * bits) / 8) return undefined;
  if (scales.count !== rows * groups) return undefined;
  if (zeros && !holdsZeros(zeros.tensor, sizes)) return undefined;
  const [x] = node.inputs;
  const [output] = node.outputs;
  const stored = { codes: codes.tensor, scales: scales.read, zeros: zeros?.tensor };
  const encoded = coded(sizes, scales.dataType, zeros?.tensor);
  return {
    ...{ kernel: 'MatMulNBits', rows, columns, bits, encoded, node, output, input: x },
    op: 'MatMul',
    tensors: [codes.tensor, ...scales.tensors, ...(zeros ? [zeros.tensor] : [])],
    inside: [],
    roundsInput: false,
    elementType: scales.elementType,
    ...{ layout: 'in-out', dims: [columns, rows] },
    over: (weight) => makeNode('MatMul', [x, weight], [output], {}, '', node.name),
    read: () => readValues(encoded, sizes, stored),
  };
}

/** Scales of a MatMulNBits: a stored tensor, or unpacked from codes of their own. */
function scalesOf(around: Surroundings, value: string): Scales | undefined {
  const stored = storedTensor(around.index, value);
  const form = scaleForm(stored?.tensor);
  if (stored === undefined || form === undefined) return computedScales(around, value);
  const { tensor, elementType } = stored;
  const { dataType } = form;
  const count = elementCount(tensor.dims);
  return { dataType, elementType, count, tensors: [tensor], read: () => floatsOf(tensor) };
}

function sizesOf(node: Node): Sizes | undefined {
  const rows = intAttribute(node, 'N', 0);
  const columns = intAttribute(node, 'K', 0);
  const bits = intAttribute(node, 'bits', 4);
  const block = intAttribute(node, 'block_size', 0);
  if (rows < 1 || columns < 1 || block < 1) return undefined;
  if (bits !== 2 && bits !== 4 && bits !== 8) return undefined;
  return { rows, columns, bits, block, groups: Math.ceil(columns / block) };
}

/** One float for each block, or as many codes packed into bytes row by row. */
function holdsZeros({ dims, dataType }: Tensor, { rows, groups, bits }: Sizes): boolean {
  if (isFloatType(dataType)) return elementCount(dims) === rows * groups;
  const packed = rows * Math.ceil((groups * bits) / 8);
  return dataType === DataType.uint8 && elementCount(dims) === packed;
}

function coded({ bits, block, columns }: Sizes, scaleType: number, zeros?: Tensor): Coded {
  const float = zeros !== undefined && isFloatType(zeros.dataType);
  return {
    ...{ kind: 'coded', bits, grid: 'integer', granularity: 'block' },
    groupSize: Math.min(block, columns),
    scales: { dataType: scaleType },
    ...(zeros && { zeros: { dataType: float ? zeros.dataType : DataType.uint8 } }),
  };
}

async function readValues(
  form: Coded,
  { rows, columns, bits, block, groups }: Sizes,
  stored: { readonly codes: Tensor; readonly scales: Scales['read']; readonly zeros?: Tensor },
): Promise<Coded> {
  const width = groups * block;
  const padded = await packedRows(stored.codes, { rows, columns: width }, bits);
  const { zeros } = stored;
  return filled(form, {
    codes: firstColumns(padded, rows, width, columns),
    scales: await stored.scales(),
    zeros: zeros && (await zerosOf(zeros, { rows, columns: groups }, bits)),
  });
}

/** Zeros as floats of any value, or packed as the codes are. */
async function zerosOf(tensor: Tensor, shape: Shape, bits: 2 | 4 | 8): Promise<Float32Array> {
  if (isFloatType(tensor.dataType)) return floatsOf(tensor);
  return Float32Array.from(await packedRows(tensor, shape, bits));
}

/** Rows without their padding. */
function firstColumns(codes: Uint8Array, rows: number, width: number, columns: number): Uint8Array {
  if (width === columns) return codes;
  const out = new Uint8Array(rows * columns);
  for (let r = 0; r < rows; r++) {
    out.set(codes.subarray(r * width, r * width + columns), r * columns);
  }
  return out;
}
