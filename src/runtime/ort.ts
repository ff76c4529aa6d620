import type { Env, InferenceSession, Tensor, TensorConstructor } from 'onnxruntime-web/wasm';

/** What all builds of onnxruntime have in common (web CPU, web GPU, Node binding). */
export interface OrtModule {
  readonly InferenceSession: {
    create(
      model: Uint8Array | string,
      options?: InferenceSession.SessionOptions,
    ): Promise<InferenceSession>;
  };
  readonly Tensor: TensorConstructor;
  readonly env: Env;
}

export type OrtSession = InferenceSession;
export type OrtSessionOptions = InferenceSession.SessionOptions;
export type OrtMetadata = InferenceSession.ValueMetadata;
export type OrtTensor = Tensor;
export type OrtTensorType = Tensor.Type;
