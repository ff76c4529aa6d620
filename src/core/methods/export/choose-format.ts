import type { Layer } from '../../anatomy/types.ts';
import { floatAttribute, intAttribute } from '../../onnx/graph/attributes.ts';
import type { Model, Node } from '../../onnx/types.ts';
import type { UniformFormat, UniformWeight } from '../encoding.ts';

/** What decides how a uniform weight is stored. */
export interface FormatQuestion {
  readonly op: Layer['op'];
  /** Gemm with alpha = beta = 1 and no transA: the same as MatMul plus Add. */
  readonly plain: boolean;
  readonly bits: UniformWeight['bits'];
  readonly granularity: UniformWeight['granularity'];
  /** Columns that share a scale. */
  readonly groupSize: number;
  readonly columns: number;
  /** Version of the standard operator set. */
  readonly opset: number;
}

/** Smallest block that onnxruntime's block kernels take, and their only sizes: 16, 32 … 256. */
const SMALLEST_BLOCK = 16;
const LARGEST_BLOCK = 256;

/**
 * The block size a kernel needs to see one group per `groupSize` columns: a group as long as the
 * row may be called longer than it is. Undefined when no kernel size fits.
 */
export function kernelBlock(groupSize: number, columns: number): number | undefined {
  let block = SMALLEST_BLOCK;
  while (block < groupSize) block *= 2;
  const exact = block === groupSize || groupSize >= columns;
  return exact && block <= LARGEST_BLOCK ? block : undefined;
}

/** MatMulNBits pads each row to whole blocks; for per-channel scales that must not cost anything. */
function fillsBlocks({ groupSize, columns, granularity }: FormatQuestion): boolean {
  return granularity === 'block' || kernelBlock(groupSize, columns) === columns;
}

interface Row {
  readonly format: UniformFormat;
  readonly op: readonly Layer['op'][];
  readonly bits: readonly number[];
  readonly granularity: readonly UniformWeight['granularity'][];
  readonly minimumOpset?: number;
  readonly when?: (question: FormatQuestion) => boolean;
}

/**
 * First row that fits wins. Kernels before graphs of plain operators; only combinations that were
 * measured right on the WASM and the WebGPU provider of onnxruntime-web 1.30. The last row takes all.
 */
const TABLE: readonly Row[] = [
  {
    format: 'matmul-nbits',
    op: ['MatMul', 'Gemm'],
    bits: [2, 4, 8],
    granularity: ['block', 'channel'],
    when: (q) =>
      q.plain &&
      kernelBlock(q.groupSize, q.columns) !== undefined &&
      fillsBlocks(q) &&
      !(q.bits === 8 && q.granularity === 'channel'),
  },
  {
    format: 'gather-block-quantized',
    op: ['Gather'],
    bits: [4, 8],
    granularity: ['block', 'channel'],
    when: (q) => kernelBlock(q.groupSize, q.columns) !== undefined,
  },
  {
    format: 'gather-block-quantized',
    op: ['Gather'],
    bits: [2],
    granularity: ['block', 'channel'],
    // Four codes share a byte, and rows must start at a byte.
    when: (q) => q.columns % 4 === 0 && kernelBlock(q.groupSize, q.columns) !== undefined,
  },
  {
    format: 'qdq',
    op: ['MatMul', 'Gemm', 'Conv'],
    bits: [8],
    granularity: ['tensor'],
    minimumOpset: 10,
  },
  {
    format: 'qdq',
    op: ['MatMul', 'Gemm', 'Conv'],
    bits: [8],
    granularity: ['channel'],
    minimumOpset: 13,
  },
  {
    format: 'qdq',
    op: ['MatMul', 'Gemm', 'Conv'],
    bits: [4],
    granularity: ['tensor', 'channel'],
    minimumOpset: 21,
  },
  { format: 'qdq', op: ['MatMul', 'Gemm'], bits: [4, 8], granularity: ['block'], minimumOpset: 21 },
  {
    format: 'packed',
    op: ['MatMul', 'Gemm', 'Conv', 'Gather'],
    bits: [2, 3, 4, 8],
    granularity: ['block', 'channel', 'tensor'],
  },
];

/** How a file stores a uniform weight in this place: the first row of the table above that fits. */
export function chooseFormat(question: FormatQuestion): UniformFormat {
  const row = TABLE.find(
    (r) =>
      r.op.includes(question.op) &&
      r.bits.includes(question.bits) &&
      r.granularity.includes(question.granularity) &&
      question.opset >= (r.minimumOpset ?? 0) &&
      (r.when?.(question) ?? true),
  );
  return row?.format ?? 'packed';
}

/** True for MatMul, and for Gemm that only multiplies and adds. */
export function isPlainProduct(node: Node): boolean {
  if (node.opType !== 'Gemm') return true;
  const scaled = floatAttribute(node, 'alpha', 1) !== 1 || floatAttribute(node, 'beta', 1) !== 1;
  return !scaled && intAttribute(node, 'transA', 0) === 0;
}

/** Version of the standard operator set a model uses (0 when it names none). */
export function standardOpset(model: Model): number {
  const set = model.opsets.find(({ domain }) => domain === '' || domain === 'ai.onnx');
  return set?.version ?? 0;
}
