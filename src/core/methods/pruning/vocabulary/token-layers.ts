import type { Anatomy, Layer } from '../../../anatomy/types.ts';
import { viewGraph, type GraphView } from '../../../anatomy/view.ts';
import { isFused } from '../../../anatomy/operators.ts';
import { placeOf } from '../../../encodings/index.ts';
import { LatheError } from '../../../errors/lathe-error.ts';
import type { Model } from '../../../onnx/types.ts';
import type { TokenTensor } from './axis.ts';

/** The layers of a model that have a row per token, and where these rows lie. */
export interface TokenLayers {
  readonly view: GraphView;
  readonly size: number;
  readonly layers: readonly Layer[];
  readonly starts: readonly TokenTensor[];
}

/**
 * Embeddings and output heads of a model's vocabulary. Throws `vocabulary-none`, `vocabulary-shared`,
 * `vocabulary-coded`.
 */
export function tokenLayers(model: Model, anatomy: Anatomy): TokenLayers {
  const size = anatomy.vocabularySize;
  if (anatomy.blocks.some(({ stack, crossAttention }) => stack === 'decoder' && crossAttention))
    throw shared();
  if (size === undefined) throw none();
  const view = viewGraph(model.graph);
  const layers = anatomy.layers.filter(
    ({ role, outFeatures }) =>
      (role === 'embedding' || role === 'output-head') && outFeatures === size,
  );
  const starts = [...layers.map((layer) => tensorOf(model, layer)), ...fusedTables(view, size)];
  if (!starts.some(({ axis }) => axis === 0)) throw none();
  return { view, size, layers, starts };
}

function tensorOf(model: Model, layer: Layer): TokenTensor {
  const place = placeOf(model, layer);
  if (place === undefined) throw coded(layer);
  return { tensor: place.weight, axis: place.stored === 'out-in' ? 0 : 1 };
}

/** onnxruntime's EmbedLayerNormalization looks up inside. */
function fusedTables(view: GraphView, size: number): TokenTensor[] {
  return view.nodes
    .filter((node) => isFused(node, 'EmbedLayerNormalization'))
    .flatMap((node) => view.tensor(node.inputs[2]) ?? [])
    .filter(({ dims }) => dims[0] === size)
    .map((tensor) => ({ tensor, axis: 0 }));
}

function none(): LatheError {
  return new LatheError(
    'vocabulary-none',
    'No table of tokens was recognised in this model, so there is no vocabulary to cut; leave this step out.',
  );
}

function shared(): LatheError {
  return new LatheError(
    'vocabulary-shared',
    'This model is part of an encoder-decoder, whose two sides read the same tokens from files of their own, and both would have to be cut alike; leave this step out.',
  );
}

function coded({ name, stored }: Layer): LatheError {
  return new LatheError(
    'vocabulary-coded',
    `"${name}" is ${stored === undefined ? 'no plain weight any more' : `stored as codes (${stored.text})`}, so its rows cannot be taken out one by one; cut the vocabulary before quantizing, or dequantize first.`,
    { layer: name },
  );
}
