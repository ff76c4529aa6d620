import { operator } from './entry.ts';
import type { OperatorEntry } from './entry.ts';

/** Linear layers, convolutions, norms, attention and quantization of ai.onnx. */
export const networkOperators: readonly OperatorEntry[] = [
  operator('MatMul', [1, 9, 13], 'matmul'),
  operator('Gemm', [1, 6, 7, 9, 11, 13], 'gemm', {
    breaking: [6, 7],
    attributes: ['alpha', 'beta', 'transA', 'transB'],
  }),
  operator('Einsum', [12], 'einsum', { attributes: ['equation'] }),
  operator('Conv', [1, 11, 22], 'conv', {
    attributes: ['kernel_shape', 'strides', 'pads', 'dilations', 'group', 'auto_pad'],
  }),
  operator('ConvTranspose', [1, 11, 22], 'convTranspose', {
    attributes: [
      'kernel_shape',
      'strides',
      'pads',
      'dilations',
      'group',
      'output_padding',
      'output_shape',
      'auto_pad',
    ],
  }),
  operator('AveragePool', [1, 7, 10, 11, 19, 22], 'pool', {
    attributes: ['kernel_shape', 'strides', 'pads', 'ceil_mode', 'auto_pad'],
  }),
  operator('MaxPool', [1, 8, 10, 11, 12, 22], 'pool', {
    attributes: ['kernel_shape', 'strides', 'pads', 'ceil_mode', 'auto_pad'],
  }),
  operator('LpPool', [1, 2, 11, 18, 22], 'pool', {
    breaking: [2],
    attributes: ['kernel_shape', 'strides', 'pads', 'ceil_mode', 'auto_pad'],
  }),
  operator('GlobalAveragePool', [1, 22], 'globalPool'),
  operator('GlobalMaxPool', [1, 22], 'globalPool'),
  operator('Softmax', [1, 11, 13], 'same', { breaking: [13], attributes: ['axis'] }),
  operator('LogSoftmax', [1, 11, 13], 'same', { breaking: [13], attributes: ['axis'] }),
  operator('Hardmax', [1, 11, 13], 'same', { breaking: [13], attributes: ['axis'] }),
  operator('LayerNormalization', [17], 'normalize', {
    attributes: ['axis', 'epsilon', 'stash_type'],
  }),
  operator('RMSNormalization', [23], 'normalize', {
    attributes: ['axis', 'epsilon', 'stash_type'],
  }),
  operator('BatchNormalization', [1, 6, 7, 9, 14, 15], 'batchNormalize', {
    breaking: [6, 7, 9, 14],
    attributes: ['epsilon', 'momentum', 'training_mode'],
  }),
  operator('InstanceNormalization', [1, 6, 22], 'same', { breaking: [6], attributes: ['epsilon'] }),
  operator('GroupNormalization', [18, 21], 'same', {
    breaking: [21],
    attributes: ['epsilon', 'num_groups'],
  }),
  operator('LRN', [1, 13], 'same', { attributes: ['size'] }),
  operator('LpNormalization', [1, 22], 'same', { attributes: ['axis', 'p'] }),
  operator('MeanVarianceNormalization', [9, 13], 'same', { attributes: ['axes'] }),
  operator('Attention', [23, 24, 25], 'attention', {
    breaking: [24, 25],
    attributes: ['q_num_heads', 'kv_num_heads', 'is_causal', 'scale'],
  }),
  operator('RotaryEmbedding', [23], 'same', {
    attributes: ['interleaved', 'num_heads', 'rotary_embedding_dim'],
  }),
  operator('RNN', [1, 7, 14, 22], 'recurrent', {
    breaking: [7],
    attributes: ['hidden_size', 'direction', 'layout'],
  }),
  operator('GRU', [1, 3, 7, 14, 22], 'recurrent', {
    breaking: [7],
    attributes: ['hidden_size', 'direction', 'layout'],
  }),
  operator('LSTM', [1, 7, 14, 22], 'recurrent', {
    breaking: [7],
    attributes: ['hidden_size', 'direction', 'layout'],
  }),
  operator('QuantizeLinear', [10, 13, 19, 21, 23, 24, 25], 'quantize', {
    attributes: ['axis', 'block_size', 'output_dtype'],
  }),
  operator('DequantizeLinear', [10, 13, 19, 21, 23, 24, 25], 'dequantize', {
    attributes: ['axis', 'block_size'],
  }),
  operator('DynamicQuantizeLinear', [11], 'dynamicQuantize'),
  operator('MatMulInteger', [10], 'matmulInteger'),
  operator('QLinearMatMul', [10, 21], 'qLinearMatmul'),
  operator('ConvInteger', [10], 'convInteger', {
    attributes: ['kernel_shape', 'strides', 'pads', 'dilations', 'group', 'auto_pad'],
  }),
  operator('QLinearConv', [10], 'qLinearConv', {
    attributes: ['kernel_shape', 'strides', 'pads', 'dilations', 'group', 'auto_pad'],
  }),
];
