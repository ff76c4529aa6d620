import { DataType } from '../../tensor/data-type.ts';
import { castTo, flat, toFloat } from '../coded/unpack.ts';
import type { Emitter } from '../emitter.ts';
import type { Connection, Site, StoredTensor, Use } from '../form.ts';
import { requireKind } from '../problems.ts';
import { transpose } from '../../tensor/matrix.ts';
import { plainNumbers } from '../coded/tensors.ts';
import { centre } from './centre.ts';
import { integerGrid, isIntegerGrid, kernelType, type Fusion, type IntegerGrid } from './fusion.ts';
import { readInteger } from './matmul-integer.read.ts';

/**
 * DynamicQuantizeLinear and MatMulInteger: the input is rounded to 8 bits as it comes, the product is
 * one of integers, and its scales are multiplied in afterwards. For layers whose input is to be rounded.
 */
export const matmulInteger: Fusion = {
  id: 'matmul-integer',
  fits: (coded, use, { opset }) => isIntegerGrid(coded) && opset >= 11 && fits(coded, use),
  readsRows: () => true,
  form: (structure, site) => ({
    id: 'matmul-integer',
    roundsInput: true,
    tensors: (encoded) => tensors(integerGrid(requireKind(encoded, 'coded')), site),
    connect: (emit, names) => connect(emit, integerGrid(structure), names),
  }),
  read: readInteger,
};

/** One scale per output at most, and codes centred on zero: sums of products need nothing else. */
function fits({ bits, granularity, zeros }: IntegerGrid, { op, plain, input }: Use): boolean {
  const product = (op === 'MatMul' || op === 'Gemm') && plain;
  return product && input === 'dynamic' && bits === 8 && granularity !== 'block' && !zeros;
}

/** int8 codes [in, out] as the operator wants them; one scale per output, or one. */
function tensors({ codes, scales, granularity }: IntegerGrid, site: Site): StoredTensor[] {
  const { rows, columns } = site;
  const bytes = codes && transpose(centre(codes, 8), rows, columns);
  return [
    {
      suffix: '_q8',
      dims: [columns, rows],
      dataType: DataType.int8,
      ...(bytes && { bytes }),
    },
    plainNumbers(scales, '_scales', granularity === 'tensor' ? [] : [rows]),
  ];
}

function connect(
  emit: Emitter,
  coded: IntegerGrid,
  [codes, scales]: readonly string[],
): Connection {
  return {
    value: () => {
      throw new TypeError('MatMulInteger multiplies; it makes no whole weight.');
    },
    multiply: (x, { elementType, output }) => {
      const type = kernelType(elementType);
      const input = castTo(emit, x, type, DataType.float32);
      const [rounded, scale, zero] = emit.ops('DynamicQuantizeLinear', [input], 3);
      const sums = emit.op('MatMulInteger', [rounded, codes, zero]);
      const float = emit.op('Cast', [sums], { to: DataType.float32 });
      const weightScale = castTo(emit, scales, coded.scales.dataType, DataType.float32);
      const both = emit.op('Mul', [scale, weightScale]);
      const at = output === undefined ? {} : { output };
      if (type === DataType.float32) return emit.op('Mul', [float, both], {}, at);
      return emit.op('Cast', [emit.op('Mul', [float, both])], { to: type }, at);
    },
    rows: (picked) => pickedRows(emit, coded, [codes, scales], picked),
  };
}

/** An embedding tied to the product: its rows are columns of the codes. */
function pickedRows(
  emit: Emitter,
  { scales: numbers, granularity }: IntegerGrid,
  [codes, scales]: readonly string[],
  picked: string,
): string {
  const turned = emit.op('Gather', [codes, picked], { axis: 1 });
  const rows = emit.op('Transpose', [toFloat(emit, turned)], { perm: [1, 0] });
  const scale = castTo(emit, scales, numbers.dataType, DataType.float32);
  if (granularity === 'tensor') return emit.op('Mul', [rows, scale]);
  const own = emit.op('Gather', [scale, picked], { axis: 0 });
  return emit.op('Mul', [rows, flat(emit, own, 1)]);
}
