import { MICROSOFT, operator } from './entry.ts';
import type { OperatorEntry } from './entry.ts';

/** Operators onnxruntime fuses to or adds (com.microsoft, and SimplifiedLayerNormalization in ai.onnx). */
export const fusedOperators: readonly OperatorEntry[] = [
  operator('SimplifiedLayerNormalization', [1], 'normalize', {
    attributes: ['axis', 'epsilon', 'stash_type'],
  }),
  operator('SkipLayerNormalization', [1], 'skipNormalize', {
    attributes: ['epsilon'],
    domain: MICROSOFT,
  }),
  operator('SkipSimplifiedLayerNormalization', [1], 'skipNormalize', {
    attributes: ['epsilon'],
    domain: MICROSOFT,
  }),
  operator('EmbedLayerNormalization', [1], 'embedNormalize', {
    attributes: ['epsilon'],
    domain: MICROSOFT,
  }),
  operator('Gelu', [1], 'same', { elementwise: true, domain: MICROSOFT }),
  operator('FastGelu', [1], 'same', { elementwise: true, domain: MICROSOFT }),
  operator('BiasGelu', [1], 'same', { elementwise: true, domain: MICROSOFT }),
  operator('QuickGelu', [1], 'same', {
    elementwise: true,
    attributes: ['alpha'],
    domain: MICROSOFT,
  }),
  operator('Trilu', [1], 'same', { attributes: ['upper'], domain: MICROSOFT }),
  operator('GroupNorm', [1], 'same', { attributes: ['epsilon', 'groups'], domain: MICROSOFT }),
  operator('SkipGroupNorm', [1], 'same', { attributes: ['epsilon', 'groups'], domain: MICROSOFT }),
  operator('RotaryEmbedding', [1], 'same', {
    attributes: ['interleaved', 'num_heads', 'rotary_embedding_dim'],
    domain: MICROSOFT,
  }),
  operator('MoE', [1], 'same', { attributes: ['k', 'activation_type'], domain: MICROSOFT }),
  operator('QMoE', [1], 'same', {
    attributes: ['k', 'activation_type', 'expert_weight_bits'],
    domain: MICROSOFT,
  }),
  operator('FusedMatMul', [1], 'fusedMatmul', {
    attributes: ['alpha', 'transA', 'transB', 'transBatchA', 'transBatchB'],
    domain: MICROSOFT,
  }),
  operator('FusedGemm', [1], 'gemm', {
    attributes: ['activation', 'alpha', 'beta', 'transA', 'transB'],
    domain: MICROSOFT,
  }),
  operator('FusedConv', [1], 'conv', {
    attributes: ['activation', 'kernel_shape', 'strides', 'pads', 'dilations', 'group'],
    domain: MICROSOFT,
  }),
  operator('MatMulNBits', [1], 'matmulPacked', {
    attributes: ['K', 'N', 'bits', 'block_size', 'accuracy_level'],
    domain: MICROSOFT,
  }),
  operator('MatMulBnb4', [1], 'matmulPacked', {
    attributes: ['K', 'N', 'block_size', 'quant_type'],
    domain: MICROSOFT,
  }),
  operator('GatherBlockQuantized', [1], 'gatherBlockQuantized', {
    attributes: ['bits', 'block_size', 'gather_axis', 'quantize_axis'],
    domain: MICROSOFT,
  }),
  operator('DynamicQuantizeMatMul', [1], 'matmul', { domain: MICROSOFT }),
  operator('MatMulIntegerToFloat', [1], 'matmulToFloat', { domain: MICROSOFT }),
  operator('QuantizeLinear', [1], 'quantize', { attributes: ['axis'], domain: MICROSOFT }),
  operator('DequantizeLinear', [1], 'dequantize', { attributes: ['axis'], domain: MICROSOFT }),
  operator('Attention', [1], 'fusedAttention', {
    attributes: ['num_heads', 'qkv_hidden_sizes', 'unidirectional', 'scale'],
    domain: MICROSOFT,
  }),
  operator('MultiHeadAttention', [1], 'multiHeadAttention', {
    attributes: ['num_heads', 'unidirectional', 'scale'],
    domain: MICROSOFT,
  }),
  operator('GroupQueryAttention', [1], 'groupQueryAttention', {
    attributes: ['num_heads', 'kv_num_heads', 'do_rotary', 'scale', 'local_window_size'],
    domain: MICROSOFT,
  }),
  operator('RelativePositionBias', [1], 'positionBias', {
    shapeInputs: [1, 2],
    attributes: ['max_distance', 'is_bidirectional'],
    domain: MICROSOFT,
  }),
  operator('QAttention', [1], 'fusedAttention', {
    attributes: ['num_heads', 'unidirectional', 'scale'],
    domain: MICROSOFT,
  }),
  operator('QLinearAdd', [1], 'qLinearBinary', { elementwise: true, domain: MICROSOFT }),
  operator('QLinearMul', [1], 'qLinearBinary', { elementwise: true, domain: MICROSOFT }),
  operator('QLinearSigmoid', [1], 'same', { elementwise: true, domain: MICROSOFT }),
  operator('QLinearLeakyRelu', [1], 'same', { elementwise: true, domain: MICROSOFT }),
  operator('QLinearSoftmax', [1], 'same', { attributes: ['axis', 'opset'], domain: MICROSOFT }),
  operator('QLinearGlobalAveragePool', [1], 'globalPool', { domain: MICROSOFT }),
];
