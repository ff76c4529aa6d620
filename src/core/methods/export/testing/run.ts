import * as ort from 'onnxruntime-web/wasm';
import { modelParts, writeModel } from '../../../onnx/write.ts';
import type { Model } from '../../../onnx/types.ts';

ort.env.wasm.numThreads = 1;
ort.env.logLevel = 'error';

export type Feed = {
  readonly dims: readonly number[];
  readonly data: Float32Array | BigInt64Array;
};

/** Writes a model and runs it in onnxruntime-web's WASM build (tests only: core never runs graphs). */
export async function runModel(
  model: Model,
  feeds: Readonly<Record<string, Feed>>,
  graphOptimizationLevel: 'disabled' | 'all' = 'all',
): Promise<Record<string, Float32Array>> {
  const session = await ort.InferenceSession.create(await writeModel(model), {
    executionProviders: ['wasm'],
    graphOptimizationLevel,
  });
  const inputs = Object.entries(feeds).map(([name, { dims, data }]) => {
    const type = data instanceof BigInt64Array ? 'int64' : 'float32';
    return [name, new ort.Tensor(type, data, dims)] as const;
  });
  try {
    const outputs = await session.run(Object.fromEntries(inputs));
    return Object.fromEntries(
      Object.entries(outputs).map(([name, { data }]): [string, Float32Array] => {
        if (!(data instanceof Float32Array)) throw new Error(`${name} is not float32`);
        return [name, data];
      }),
    );
  } finally {
    await session.release();
  }
}

export function bytesOfModel(model: Model): number {
  return modelParts(model).byteLength;
}
