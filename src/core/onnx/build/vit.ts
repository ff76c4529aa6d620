import type { Model } from '../types.ts';
import { EncoderParts, type EncoderSizes } from './encoder-parts.ts';
import type { WeightSource } from './initial-weights.ts';
import { LatheError } from '../../errors/lathe-error.ts';

export interface VitConfig extends EncoderSizes {
  /** Square images of this side … */
  readonly imageSize: number;
  /** … cut into squares of this side, … */
  readonly patchSize: number;
  /** … each of this many colours. */
  readonly channels: number;
}

/**
 * A vision transformer that classifies images, in standard operators (opset 17), as PyTorch's
 * exporter writes it: patches by a Conv, a class token in front, learned positions; per block
 * x += O·attention(LayerNorm(x)), x += D·gelu(U·LayerNorm(x)) (pre-norm); the class token, normed,
 * is classified. Input `pixel_values` [batch, channels, side, side], output `logits` [batch, classes].
 * @throws LatheError `encoder-config`, `encoder-weights`
 * @see Dosovitskiy et al. 2021, arXiv:2010.11929
 */
export function buildVit(config: VitConfig, weights: WeightSource): Model {
  checkPatches(config);
  const parts = new EncoderParts('vit', { normEpsilon: 1e-12, ...config }, weights);
  const { g, constants } = parts;
  const side = config.imageSize;
  const pixels = g.input('pixel_values', 'float32', ['batch', config.channels, side, side]);
  let x = g.scope('embeddings', () => embeddings(parts, config, pixels));
  for (let index = 0; index < config.blocks; index++) {
    x = g.scope(`encoder/layer.${index}`, () => block(parts, x, index));
  }
  const normed = parts.layerNorm(x, 'vit.layernorm');
  const first = g.op('Gather', [normed, constants.integer(0)], { axis: 1 });
  const logits = parts.gemm(first, 'classifier', config.hiddenSize, config.classes);
  g.output(logits, 'float32', ['batch', config.classes], 'logits');
  return g.finish();
}

function embeddings(parts: EncoderParts, config: VitConfig, pixels: string): string {
  const { g, constants } = parts;
  const { hiddenSize, patchSize, channels } = config;
  const name = 'vit.embeddings.patch_embeddings.projection';
  const weight = parts.weight(`${name}.weight`, [hiddenSize, channels, patchSize, patchSize]);
  const inputs = [pixels, weight, parts.weight(`${name}.bias`, [hiddenSize])];
  const square = [patchSize, patchSize];
  const maps = g.op('Conv', inputs, { kernel_shape: square, strides: square });
  const rows = g.op('Reshape', [maps, constants.integers(0, hiddenSize, -1)]);
  const patches = g.op('Transpose', [rows], { perm: [0, 2, 1] });
  const token = parts.weight('vit.embeddings.cls_token', [1, 1, hiddenSize]);
  const shape = g.op('Concat', [parts.dimension(pixels, 0), constants.integers(1, hiddenSize)], {
    axis: 0,
  });
  const joined = g.op('Concat', [g.op('Expand', [token, shape]), patches], { axis: 1 });
  const count = (config.imageSize / patchSize) ** 2 + 1;
  const places = parts.weight('vit.embeddings.position_embeddings', [1, count, hiddenSize]);
  return g.op('Add', [joined, places]);
}

function block(parts: EncoderParts, x: string, index: number): string {
  const { g, hiddenSize } = parts;
  const name = `vit.encoder.layer.${index}`;
  const before = parts.layerNorm(x, `${name}.layernorm_before`);
  const attended = g.scope('attention', () => {
    const mixed = g.scope('attention', () =>
      parts.attention(before, `${name}.attention.attention`),
    );
    return g.scope('output', () =>
      parts.linear(mixed, `${name}.attention.output.dense`, hiddenSize, hiddenSize),
    );
  });
  const middle = g.op('Add', [attended, x]);
  const after = parts.layerNorm(middle, `${name}.layernorm_after`);
  const wide = parts.feedForward(after, `${name}.intermediate.dense`, `${name}.output.dense`);
  return g.op('Add', [wide, middle]);
}

function checkPatches({ imageSize, patchSize }: VitConfig): void {
  if (imageSize % patchSize === 0) return;
  throw new LatheError(
    'encoder-config',
    `An image of ${imageSize}×${imageSize} pixels cannot be cut into patches of ${patchSize}×${patchSize}; choose a patch size that divides the image size.`,
  );
}
