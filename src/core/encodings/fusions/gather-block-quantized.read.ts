import { intAttribute } from '../../onnx/graph/attributes.ts';
import { makeNode } from '../../onnx/graph/make.ts';
import type { Node, Tensor } from '../../onnx/types.ts';
import { DataType, elementCount } from '../../tensor/data-type.ts';
import {
  codeType,
  filled,
  floatsOf,
  packedRows,
  scaleForm,
  unsignedCodes,
  zeroForm,
  zeroValues,
  type ZeroForm,
} from '../stored/numbers.ts';
import { isMicrosoft, storedTensor } from '../stored/trace.ts';
import type { StoredWeight, Surroundings } from '../stored/types.ts';
import type { Coded, Shape } from '../types.ts';

interface Sizes extends Shape {
  readonly bits: 2 | 4 | 8;
  readonly block: number;
  /** Codes share bytes of uint8; else the type itself is that wide. */
  readonly packed: boolean;
}

/** GatherBlockQuantized: whole rows of a table whose rows are cut into blocks. */
export function readGathered({ index }: Surroundings, node: Node): StoredWeight | undefined {
  if (!isMicrosoft(node, 'GatherBlockQuantized')) return undefined;
  const [codes, , scales, zeros] = node.inputs.map((value) => storedTensor(index, value));
  const form = scaleForm(scales?.tensor);
  const sizes = codes && sizesOf(node, codes.tensor);
  if (codes === undefined || scales === undefined || !form || sizes === undefined) return undefined;
  if (node.inputs[3] && zeros === undefined) return undefined;
  const { rows, columns, bits, block } = sizes;
  const groups = Math.ceil(columns / block);
  if (elementCount(scales.tensor.dims) !== rows * groups) return undefined;
  if (zeros && !holdsZeros(zeros.tensor, sizes, groups)) return undefined;
  const zero: ZeroForm = zeros ? { tensor: zeros.tensor } : absentZero(codes.tensor);
  const encoded: Coded = {
    ...{ kind: 'coded', bits, grid: 'integer', granularity: 'block' },
    ...{ groupSize: Math.min(block, columns), scales: form, ...zeroForm(zero) },
  };
  const [, indices] = node.inputs;
  const [output] = node.outputs;
  return {
    ...{ kernel: 'GatherBlockQuantized', rows, columns, bits, encoded, node, output },
    ...{ input: indices, op: 'Gather', inside: [], roundsInput: false },
    tensors: [codes.tensor, scales.tensor, ...(zeros ? [zeros.tensor] : [])],
    elementType: scales.elementType,
    ...{ layout: 'out-in', dims: [rows, columns] },
    over: (weight) => makeNode('Gather', [weight, indices], [output], { axis: 0 }, '', node.name),
    read: async () =>
      filled(encoded, {
        codes: await codesOf(codes.tensor, sizes),
        scales: await floatsOf(scales.tensor),
        zeros: await zerosOf(zero, sizes),
      }),
  };
}

function sizesOf(node: Node, { dims, dataType }: Tensor): Sizes | undefined {
  const axis = intAttribute(node, 'quantize_axis', 1);
  const byRows = intAttribute(node, 'gather_axis', 0) === 0 && (axis === 1 || axis === -1);
  if (dims.length !== 2 || !byRows) return undefined;
  const packed = dataType === DataType.uint8;
  const bits = packed ? intAttribute(node, 'bits', 4) : 4;
  if (bits !== 2 && bits !== 4 && bits !== 8) return undefined;
  if (!packed && dataType !== DataType.int4 && dataType !== DataType.uint4) return undefined;
  const columns = packed ? (dims[1] * 8) / bits : dims[1];
  return { rows: dims[0], columns, bits, block: intAttribute(node, 'block_size', 128), packed };
}

function holdsZeros({ dims }: Tensor, { rows, bits, packed }: Sizes, groups: number): boolean {
  return elementCount(dims) === rows * (packed ? Math.ceil((groups * bits) / 8) : groups);
}

/** Without zero points, whole types count from 0, and codes packed into bytes from the middle. */
function absentZero(codes: Tensor): ZeroForm {
  const middle = codes.dataType === DataType.uint8 || codeType(codes)?.signed === true;
  return middle ? 'middle' : 'zero';
}

function codesOf(tensor: Tensor, { rows, columns, bits, packed }: Sizes): Promise<Uint8Array> {
  return packed ? packedRows(tensor, { rows, columns }, bits) : unsignedCodes(tensor);
}

async function zerosOf(zero: ZeroForm, sizes: Sizes): Promise<Float32Array | undefined> {
  const { rows, columns, bits, block, packed } = sizes;
  const groups = Math.ceil(columns / block);
  if (typeof zero === 'string' || !packed) return zeroValues(zero, rows * groups);
  return Float32Array.from(await packedRows(zero.tensor, { rows, columns: groups }, bits));
}
