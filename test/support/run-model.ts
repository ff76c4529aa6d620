import * as ort from 'onnxruntime-node';
import { DataType, dataTypeName, elementCount } from '../../src/core/tensor/data-type.ts';
import type { DataTypeName } from '../../src/core/tensor/data-type.ts';
import type { Value, ValueData } from '../../src/core/tensor/values.ts';
import { writeModel } from '../../src/core/onnx/write.ts';
import type { Model } from '../../src/core/onnx/types.ts';

/** Runs a model in onnxruntime-node, without its optimisations unless asked for. */
export async function runModel(
  model: Model,
  feeds: Readonly<Record<string, Value>>,
  graphOptimizationLevel: 'disabled' | 'all' = 'disabled',
): Promise<ReadonlyMap<string, Value>> {
  const session = await ort.InferenceSession.create(await writeModel(model), {
    intraOpNumThreads: 1,
    logSeverityLevel: 3,
    graphOptimizationLevel,
  });
  try {
    const given = session.inputNames.map((name) => [name, toOrt(feeds[name])] as const);
    const outputs = await session.run(Object.fromEntries(given));
    return new Map(Object.entries(outputs).map(([name, tensor]) => [name, fromOrt(tensor)]));
  } finally {
    await session.release();
  }
}

function toOrt({ dataType, dims, data }: Value): ort.Tensor {
  // The typings tie each type name to its array; a Value does so at run time.
  const make = ort.Tensor as unknown as new (t: string, d: ValueData, s: number[]) => ort.Tensor;
  return new make(dataTypeName(dataType) ?? '', data, [...dims]);
}

function fromOrt({ type, dims, data }: ort.Tensor): Value {
  if (!ArrayBuffer.isView(data)) throw new Error(`Results of type ${type} are not looked at here.`);
  return { dataType: DataType[type as DataTypeName], dims, data: data };
}

/** A float32 value that looks random but is always the same. */
export function waves(dims: readonly number[], seed = 1): Value {
  const data = Float32Array.from({ length: elementCount(dims) }, (_, k) =>
    Math.sin(12.9898 * (k + 1) + 78.233 * seed),
  );
  return { dataType: DataType.float32, dims, data };
}

/** An int64 value. */
export function longs(dims: readonly number[], values: readonly number[]): Value {
  return { dataType: DataType.int64, dims, data: BigInt64Array.from(values, BigInt) };
}

/** Largest absolute difference of two results. */
export function distance(a: Value | undefined, b: Value | undefined): number {
  if (!a || !b || a.data.length !== b.data.length) return Infinity;
  let worst = 0;
  for (let i = 0; i < a.data.length; i++) {
    worst = Math.max(worst, Math.abs(Number(a.data[i]) - Number(b.data[i])));
  }
  return worst;
}
