import { DataType } from '../tensor/data-type.ts';
import { castTo } from './coded/unpack.ts';
import type { Emitter } from './emitter.ts';
import type { Connection, ProductTarget, Site, StoredTensor } from './form.ts';
import type { MatrixLayout, Shape } from './types.ts';

/** The site of a matrix that is only ever read as a whole: as a Conv reads its weight. */
export function wholeSite(site: Site, shape: Shape): Site {
  return innerSite({ ...site, uses: [{ op: 'Conv', plain: false }] }, shape);
}

/**
 * The site of an expression inside another: a matrix of its own, multiplied with or looked up as the
 * outer one is. Plain values lie as a product wants them where all readers are products.
 */
export function innerSite(site: Site, { rows, columns }: Shape): Site {
  const product = site.uses.every(({ op }) => op === 'MatMul' || op === 'Gemm');
  const stored: MatrixLayout = product ? 'in-out' : 'out-in';
  return {
    ...{ rows, columns, stored, layout: stored },
    dims: stored === 'out-in' ? [rows, columns] : [columns, rows],
    dataType: DataType.undefined,
    elementType: site.elementType,
    opset: site.opset,
    uses: site.uses.map(({ op, plain }) => ({ op: op === 'Gemm' ? 'MatMul' : op, plain })),
  };
}

/** The tensors of an inner expression, by the name of its part; names that tools look for stay whole. */
export function prefixed(prefix: string, tensors: readonly StoredTensor[]): StoredTensor[] {
  return tensors.map((tensor) =>
    isModuleName(tensor.suffix) ? tensor : { ...tensor, suffix: `${prefix}${tensor.suffix}` },
  );
}

/** A matrix of an adapter: `.lora_A.weight` where it is one tensor, else what it is unpacked from. */
export function adapterTensors(matrix: string, tensors: readonly StoredTensor[]): StoredTensor[] {
  const plain = tensors.length === 1;
  return tensors.map((tensor) => {
    return { ...tensor, suffix: plain ? `${matrix}.weight` : `${matrix}${tensor.suffix}` };
  });
}

/** True for what is added to the name of a layer's module instead of its weight's. */
export function isModuleName(suffix: string): boolean {
  return suffix.startsWith('.');
}

/** The whole matrix as a value of the layout and type wanted. */
export function matrixOf(
  emit: Emitter,
  connection: Connection,
  layout: MatrixLayout,
  elementType: number = DataType.float32,
): string {
  const stored = connection.value();
  const value = castTo(emit, stored.value, stored.elementType, elementType);
  return stored.layout === layout ? value : emit.op('Transpose', [value], { perm: [1, 0] });
}

/** x·Ŵᵀ by the kernel there is, else by MatMul. */
export function multiply(
  emit: Emitter,
  connection: Connection,
  x: string,
  { elementType, output }: ProductTarget,
): string {
  const target = { elementType, ...(output !== undefined && { output }) };
  if (connection.multiply) return connection.multiply(x, target);
  const matrix = matrixOf(emit, connection, 'in-out', elementType);
  return emit.op('MatMul', [x, matrix], {}, output === undefined ? {} : { output });
}

/** float32 [n, columns]: the rows picked. */
export function rowsOf(emit: Emitter, connection: Connection, picked: string): string {
  if (connection.rows) return connection.rows(picked);
  return emit.op('Gather', [matrixOf(emit, connection, 'out-in'), picked], { axis: 0 });
}
