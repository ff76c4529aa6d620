import type { Fillings } from '../../../onnx/fill.ts';
import { editGraph, type GraphEditor } from '../../../onnx/graph/edit.ts';
import { makeNode, makeTensor } from '../../../onnx/graph/make.ts';
import { plannedData } from '../../../onnx/tensor-data.ts';
import type { Model, Node, Tensor } from '../../../onnx/types.ts';
import type { Random } from '../../../random/random.ts';
import { fromFloat32, toFloat32 } from '../../../tensor/convert.ts';
import { byteLengthOf, DataType, elementCount } from '../../../tensor/data-type.ts';
import type { HealOptions } from './meta.ts';

/** A low-rank change inside a weight: W + (α/r)·(A·B)∘M, all as W lies in memory. */
export interface AdaptedWeight {
  /** Initializer names of W, A [rows, r] and B [r, columns]. */
  readonly weight: string;
  readonly a: string;
  readonly b: string;
}

type Shape = Pick<HealOptions, 'rank' | 'alpha'>;

/**
 * The student in which every one of these weights W (more than `rank` rows and columns) is W + (α/r)·(A·B)∘M, with
 * M = |sign(W)|: whatever reads W reads that, so a tied weight stays tied. A begins uniform in ±1/√rows, B at zero,
 * so nothing changes before training. Without `random` both are left open.
 * @see Zimmer et al. 2023, arXiv:2312.15230, §3.3 (MaskLoRA)
 */
export function insertMaskedAdapters(
  base: Model,
  names: readonly string[],
  { rank, alpha }: Shape,
  random: Random | undefined,
): { readonly student: Model; readonly adapted: readonly AdaptedWeight[] } {
  const tensors = new Map(base.graph.initializers.map((tensor) => [tensor.name, tensor]));
  const wide = names.flatMap((name) => tensors.get(name) ?? []).filter(isWiderThan(rank));
  const edit = editGraph(base.graph);
  const scale = edit.freshName('heal.scale');
  if (wide.length > 0) edit.addInitializer(makeTensor(scale, [], Float32Array.of(alpha / rank)));
  const adapted = wide.map((tensor) => adapt(edit, tensor, rank, scale, random));
  return { student: { ...base, graph: edit.finish() }, adapted };
}

function isWiderThan(rank: number): (tensor: Tensor) => boolean {
  return (tensor) => {
    const [rows, columns] = matrixDims(tensor);
    return Math.min(rows, columns) > rank;
  };
}

/** The first axis and all the others: a convolution's kernel is a matrix, too. */
function matrixDims({ dims }: Tensor): readonly [number, number] {
  const [rows] = dims;
  return [rows, elementCount(dims) / rows];
}

function adapt(
  edit: GraphEditor,
  tensor: Tensor,
  rank: number,
  scale: string,
  random: Random | undefined,
): AdaptedWeight {
  const weight = tensor.name;
  const [rows, columns] = matrixDims(tensor);
  const [a, b] = ['A', 'B'].map((part) => edit.freshName(`${weight}.heal_${part}`));
  const bound = 1 / Math.sqrt(rows);
  const first =
    random && Float32Array.from({ length: rows * rank }, () => (2 * random.next() - 1) * bound);
  edit.addInitializer(first ? makeTensor(a, [rows, rank], first) : hole(a, [rows, rank]));
  const second = random && new Float32Array(rank * columns);
  edit.addInitializer(second ? makeTensor(b, [rank, columns], second) : hole(b, [rank, columns]));
  const { nodes, output } = changed(edit, tensor, [a, b, scale]);
  edit.replaceUses(weight, output);
  edit.addNodes(...nodes);
  return { weight, a, b };
}

/** Nodes that compute W + scale·(A·B)∘|sign(W)| in float32, and give it in W's own type. */
function changed(edit: GraphEditor, tensor: Tensor, [a, b, scale]: readonly string[]) {
  const nodes: Node[] = [];
  const op = (type: string, inputs: readonly string[], attributes = {}): string => {
    const output = edit.freshName(`${tensor.name}.heal_${type}`);
    nodes.push(makeNode(type, inputs, [output], attributes, '', output));
    return output;
  };
  const half = tensor.dataType !== DataType.float32;
  const w = half ? op('Cast', [tensor.name], { to: DataType.float32 }) : tensor.name;
  const product = op('Mul', [op('MatMul', [a, b]), scale]);
  const laid = tensor.dims.length === 2 ? product : op('Reshape', [product, dimsOf(edit, tensor)]);
  const sum = op('Add', [w, op('Mul', [laid, op('Abs', [op('Sign', [w])])])]);
  return { nodes, output: half ? op('Cast', [sum], { to: tensor.dataType }) : sum };
}

function dimsOf(edit: GraphEditor, { name, dims }: Tensor): string {
  const shape = edit.freshName(`${name}.heal_dims`);
  edit.addInitializer(makeTensor(shape, [dims.length], BigInt64Array.from(dims, BigInt)));
  return shape;
}

function hole(name: string, dims: readonly number[]): Tensor {
  const dataType = DataType.float32;
  return { name, dims, dataType, data: plannedData(byteLengthOf(dataType, dims)) };
}

/** W + (α/r)·(A·B) where W is not zero, in W's type: sums in double precision, rounded once; zeros stay zeros. */
export async function mergedAdapters(
  trained: Model,
  adapted: readonly AdaptedWeight[],
  { rank, alpha }: Shape,
): Promise<Fillings> {
  const tensors = new Map(trained.graph.initializers.map((tensor) => [tensor.name, tensor]));
  const fillings = new Map<string, Uint8Array>();
  for (const { weight, a, b } of adapted) {
    const [base, left, right] = await Promise.all([weight, a, b].map((n) => read(tensors, n)));
    const { dataType, dims } = base.tensor;
    const [rows] = dims;
    const values = added(base.values, left.values, right.values, {
      rows,
      rank,
      scale: alpha / rank,
    });
    fillings.set(weight, fromFloat32(dataType, values, true));
  }
  return fillings;
}

async function read(tensors: ReadonlyMap<string, Tensor>, name: string) {
  const tensor = tensors.get(name);
  if (tensor === undefined) throw new Error(`The trained model lost "${name}".`);
  const values = toFloat32(tensor.dataType, await tensor.data.read(), elementCount(tensor.dims));
  return { tensor, values };
}

interface Sizes {
  readonly rows: number;
  readonly rank: number;
  readonly scale: number;
}

function added(w: Float32Array, a: Float32Array, b: Float32Array, { rows, rank, scale }: Sizes) {
  const columns = w.length / rows;
  const sum = new Float32Array(w.length);
  const row = new Float64Array(columns);
  for (let i = 0; i < rows; i++) {
    row.fill(0);
    for (let k = 0; k < rank; k++) {
      const factor = scale * a[i * rank + k];
      for (let j = 0; j < columns; j++) row[j] += factor * b[k * columns + j];
    }
    for (let j = 0; j < columns; j++) {
      const value = w[i * columns + j];
      sum[i * columns + j] = value === 0 ? 0 : value + row[j];
    }
  }
  return sum;
}
