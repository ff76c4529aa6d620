import { elementCount } from '../../../src/core/tensor/data-type.ts';
import { zip } from './elementwise.ts';
import type { Kernel, Kernels } from './kernel.ts';
import { broadcastDims, broadcastIndex, strides } from './positions.ts';
import { generate, type F64Value } from './value.ts';
import { permute } from './layout.ts';

/** NumPy's matmul: one-dimensional sides are widened and their axis dropped again. */
export function matmul(left: F64Value, right: F64Value): F64Value {
  const a = left.dims.length === 1 ? [1, left.dims[0]] : left.dims;
  const b = right.dims.length === 1 ? [right.dims[0], 1] : right.dims;
  const [rows, inner] = a.slice(-2);
  const columns = b[b.length - 1];
  if (b[b.length - 2] !== inner) {
    throw new Error(
      `[${left.dims.join(', ')}] cannot be multiplied by [${right.dims.join(', ')}].`,
    );
  }
  const batch = broadcastDims(a.slice(0, -2), b.slice(0, -2));
  const fromLeft = broadcastIndex(a.slice(0, -2), batch);
  const fromRight = broadcastIndex(b.slice(0, -2), batch);
  const data = new Float64Array(elementCount(batch) * rows * columns);
  for (let g = 0; g < fromLeft.length; g++) {
    multiplyInto(
      data.subarray(g * rows * columns),
      left.data.subarray(fromLeft[g] * rows * inner),
      right.data.subarray(fromRight[g] * inner * columns),
      [rows, inner, columns],
    );
  }
  const tail = [
    ...(left.dims.length === 1 ? [] : [rows]),
    ...(right.dims.length === 1 ? [] : [columns]),
  ];
  return { dataType: left.dataType, dims: [...batch, ...tail], data };
}

function multiplyInto(
  out: Float64Array,
  a: Float64Array,
  b: Float64Array,
  [rows, inner, columns]: readonly [number, number, number],
): void {
  for (let i = 0; i < rows; i++) {
    for (let k = 0; k < inner; k++) {
      const factor = a[i * inner + k];
      for (let j = 0; j < columns; j++) out[i * columns + j] += factor * b[k * columns + j];
    }
  }
}

/** The last two axes exchanged. */
export function turned(x: F64Value): F64Value {
  const axes = x.dims.map((_, axis) => axis);
  return permute(x, [...axes.slice(0, -2), axes.length - 1, axes.length - 2]);
}

const scaled = (x: F64Value, factor: number): F64Value =>
  generate(x.dataType, x.dims, (i) => factor * x.data[i]);

/** α·op(A)·op(B) + β·C. */
const gemm: Kernel = (call) => {
  const a = call.int('transA', 0) ? turned(call.input(0)) : call.input(0);
  const b = call.int('transB', 0) ? turned(call.input(1)) : call.input(1);
  const product = scaled(matmul(a, b), call.float('alpha', 1));
  const c = call.inputs[2];
  if (!c) return product;
  const beta = call.float('beta', 1);
  return zip([product, c], (y, z) => y + beta * z);
};

const fusedMatMul: Kernel = (call) => {
  const a = call.int('transA', 0) ? turned(call.input(0)) : call.input(0);
  const b = call.int('transB', 0) ? turned(call.input(1)) : call.input(1);
  return scaled(matmul(a, b), call.float('alpha', 1));
};

interface Term {
  readonly labels: readonly string[];
  readonly value: F64Value;
}

/** Σ over every label that the output does not have, of the product of all inputs. */
const einsum: Kernel = (call) => {
  const equation = call.text('equation', '').replaceAll(' ', '');
  const [inputs, given] = spellOut(equation, call.all()).split('->');
  const terms = inputs.split(',').map((labels, i): Term => ({
    labels: [...labels],
    value: call.input(i),
  }));
  const all = [...new Set(terms.flatMap((term) => term.labels))];
  const sizes = new Map(terms.flatMap((t) => t.labels.map((l, axis) => [l, t.value.dims[axis]])));
  const out = given === undefined ? implicitOutput(inputs) : [...given];
  const summed = all.filter((label) => !out.includes(label));
  const sizeOf = (label: string) => sizes.get(label) ?? 1;
  return contract(terms, out, summed, sizeOf);
};

/** "..." as capital letters, as many as the operands have axes there. */
function spellOut(equation: string, operands: readonly F64Value[]): string {
  if (!equation.includes('...')) return equation;
  if (!equation.includes('->')) throw new Error('"..." without "->" is not interpreted.');
  const terms = equation.split('->')[0].split(',');
  const at = terms.findIndex((labels) => labels.includes('...'));
  const count = operands[at].dims.length - (terms[at].length - 3);
  return equation.replaceAll('...', 'ABCDEFG'.slice(0, count));
}

/** Without "->": the labels that occur once, in alphabetical order. */
function implicitOutput(inputs: string): string[] {
  const letters = [...inputs.replaceAll(',', '')].sort();
  return letters.filter((l) => letters.indexOf(l) === letters.lastIndexOf(l));
}

function contract(
  terms: readonly Term[],
  out: readonly string[],
  summed: readonly string[],
  sizeOf: (label: string) => number,
): F64Value {
  const order = [...out, ...summed];
  const sizes = order.map(sizeOf);
  const inner = elementCount(summed.map(sizeOf));
  const dims = out.map(sizeOf);
  const steps = terms.map(({ labels, value }) => {
    const own = strides(value.dims);
    return order.map((l) => labels.reduce((sum, label, k) => sum + (label === l ? own[k] : 0), 0));
  });
  const total = strides(sizes);
  const data = new Float64Array(elementCount(dims));
  for (let flat = 0; flat < data.length * inner; flat++) {
    let product = 1;
    terms.forEach(({ value }, t) => {
      let at = 0;
      for (let k = 0; k < order.length; k++) {
        at += (Math.floor(flat / total[k]) % sizes[k]) * steps[t][k];
      }
      product *= value.data[at];
    });
    data[Math.floor(flat / inner)] += product;
  }
  return { dataType: terms[0].value.dataType, dims, data };
}

export const products: Kernels = {
  MatMul: (call) => matmul(call.input(0), call.input(1)),
  Gemm: gemm,
  FusedMatMul: fusedMatMul,
  Einsum: einsum,
};
