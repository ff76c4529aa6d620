import type { Model } from '../core/onnx/types.ts';

/** A file that lies beside the graph and holds weights. */
export interface ExternalFile {
  readonly path: string;
  readonly data: Uint8Array;
}

type Writer = {
  modelToBytes(model: Model): Promise<{ bytes: Uint8Array; external: ExternalFile[] }>;
};

/** The model as onnxruntime takes it. Stands until the writer of core/onnx lands. */
export async function modelBytes(model: Model) {
  const writer = '../core/onnx/write.ts';
  return ((await import(/* @vite-ignore */ writer)) as Writer).modelToBytes(model);
}
