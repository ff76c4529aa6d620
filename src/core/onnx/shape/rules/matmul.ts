import { DataType } from '../../../tensor/data-type.ts';
import { intAttribute, stringAttribute } from '../../graph/attributes.ts';
import { broadcastDim, broadcastDims } from '../broadcast.ts';
import type { Dim } from '../dimension.ts';
import type { Rule } from '../types.ts';

type Dims = readonly Dim[] | undefined;

/** numpy.matmul: vectors are padded with a 1 that the result loses, leading axes broadcast. */
export function matmulDims(a: Dims, b: Dims): Dims {
  if (!a || !b || a.length === 0 || b.length === 0) return undefined;
  const left = a.length === 1 ? [1, a[0]] : a;
  const right = b.length === 1 ? [b[0], 1] : b;
  const batch = broadcastDims(left.slice(0, -2), right.slice(0, -2)) ?? [];
  const rows = a.length === 1 ? [] : [left[left.length - 2]];
  const columns = b.length === 1 ? [] : [right[right.length - 1]];
  return [...batch, ...rows, ...columns];
}

function swapLast(dims: Dims): Dims {
  if (!dims || dims.length < 2) return dims;
  return [...dims.slice(0, -2), dims[dims.length - 1], dims[dims.length - 2]];
}

/** FusedMatMul's transBatch moves the first axis behind the other batch axes. */
function rotateBatch(dims: Dims): Dims {
  if (!dims || dims.length < 3) return dims;
  return [...dims.slice(1, -1), dims[0], dims[dims.length - 1]];
}

const matmul: Rule = (c) => [
  { dataType: c.dataType(0) || c.dataType(1), dims: matmulDims(c.dims(0), c.dims(1)) },
];

const fusedMatmul: Rule = (c) => {
  const side = (index: number, letter: string): Dims => {
    let dims = c.dims(index);
    if (intAttribute(c.node, `transBatch${letter}`, 0) !== 0) dims = rotateBatch(dims);
    return intAttribute(c.node, `trans${letter}`, 0) !== 0 ? swapLast(dims) : dims;
  };
  return [
    { dataType: c.dataType(0) || c.dataType(1), dims: matmulDims(side(0, 'A'), side(1, 'B')) },
  ];
};

const matmulInteger: Rule = (c) => [
  { dataType: DataType.int32, dims: matmulDims(c.dims(0), c.dims(1)) },
];

/** (a, a_scale, a_zero_point, b, b_scale, b_zero_point, y_scale, y_zero_point). */
const qLinearMatmul: Rule = (c) => [
  { dataType: c.dataType(7), dims: matmulDims(c.dims(0), c.dims(3)) },
];

/** MatMulIntegerToFloat: quantized A and B, the result in the type of A's scale. */
const matmulToFloat: Rule = (c) => [
  { dataType: c.dataType(2), dims: matmulDims(c.dims(0), c.dims(1)) },
];

/** MatMulNBits, MatMulBnb4: A [..., K] → [..., N], the weight packed. */
const matmulPacked: Rule = (c) => {
  const a = c.dims(0);
  const columns = intAttribute(c.node, 'N');
  return [
    { dataType: c.dataType(0), dims: a && a.length > 0 ? [...a.slice(0, -1), columns] : undefined },
  ];
};

const gemm: Rule = (c) => {
  const a = c.dims(0);
  const b = c.dims(1);
  const rows = a?.[intAttribute(c.node, 'transA', 0) === 0 ? 0 : 1];
  const columns = b?.[intAttribute(c.node, 'transB', 0) === 0 ? 1 : 0];
  return [{ dataType: c.dataType(0) || c.dataType(1), dims: [rows, columns] }];
};

/** Sizes by letter from "bij,bjk->bik"; '...' stands for broadcast axes. */
const einsum: Rule = (c) => {
  const dataType = c.dataType(0);
  const equation = stringAttribute(c.node, 'equation', '').replace(/\s+/g, '');
  const [left, right] = equation.split('->');
  const terms = left.split(',');
  const sizes = new Map<string, Dim>();
  let ellipsis: Dims = [];
  for (const [index, term] of terms.entries()) {
    const dims = c.dims(index);
    if (!dims) return [{ dataType }];
    const labels = labelsOf(term, dims.length);
    if (!labels || labels.length !== dims.length) return [{ dataType }];
    const free = dims.filter((_, at) => labels[at] === '.');
    ellipsis = broadcastDims(ellipsis, free);
    labels.forEach((label, at) => {
      if (label !== '.') sizes.set(label, broadcastDim(sizes.get(label) ?? 1, dims[at]));
    });
  }
  const output = right ?? implicitOutput(terms);
  if (output.includes('...') && !ellipsis) return [{ dataType }];
  const [before, after] = output.split('...');
  const lookUp = (text: string): Dim[] => [...text].map((label) => sizes.get(label));
  const dims =
    after === undefined
      ? lookUp(before)
      : [...lookUp(before), ...(ellipsis ?? []), ...lookUp(after)];
  return [{ dataType, dims }];
};

/** One label per axis, '.' for each axis under the ellipsis. */
function labelsOf(term: string, rank: number): readonly string[] | undefined {
  const [before, after] = term.split('...');
  if (after === undefined) return [...before];
  const free = rank - before.length - after.length;
  return free < 0 ? undefined : [...before, ...Array.from({ length: free }, () => '.'), ...after];
}

/** Without '->': the ellipsis, then every letter that occurs once, in alphabetical order. */
function implicitOutput(terms: readonly string[]): string {
  const letters = terms.join('').replaceAll('.', '');
  const once = [...letters].filter((l) => letters.indexOf(l) === letters.lastIndexOf(l)).sort();
  return (terms.some((term) => term.includes('...')) ? '...' : '') + once.join('');
}

export const matmulRules = {
  matmul,
  fusedMatmul,
  matmulInteger,
  qLinearMatmul,
  matmulToFloat,
  matmulPacked,
  gemm,
  einsum,
} satisfies Record<string, Rule>;
