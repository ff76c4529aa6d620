import type { InferenceSession, Tensor, TensorConstructor } from 'onnxruntime-web/wasm';

interface Ort {
  readonly Tensor: TensorConstructor;
}

export interface Matrix {
  readonly data: ArrayLike<number>;
  readonly dims: readonly number[];
}

type Feeds = Record<string, Tensor>;

export function adapterFeeds(
  ort: Ort,
  session: InferenceSession,
  matrices?: Readonly<Record<string, Matrix>>,
): Feeds;

export function switchedOff(ort: Ort, session: InferenceSession): Feeds;

export function peftFeeds(
  ort: Ort,
  session: InferenceSession,
  weights: Uint8Array,
  config: string,
): Feeds;
