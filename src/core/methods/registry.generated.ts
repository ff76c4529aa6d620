// Made by tools/generate-registry.ts from the method folders; do not edit.
import type { Method } from './contract.ts';
import { method as distill } from './distillation/distill/index.ts';
import { method as activationSvd } from './low-rank/activation-svd/index.ts';
import { method as asvd } from './low-rank/asvd/index.ts';
import { method as fisherSvd } from './low-rank/fisher-svd/index.ts';
import { method as kronecker } from './low-rank/kronecker/index.ts';
import { method as lowRankPlusQuantized } from './low-rank/low-rank-plus-quantized/index.ts';
import { method as svd } from './low-rank/svd/index.ts';
import { method as alps } from './pruning/alps/index.ts';
import { method as attentionHeads } from './pruning/attention-heads/index.ts';
import { method as blocks } from './pruning/blocks/index.ts';
import { method as dsnot } from './pruning/dsnot/index.ts';
import { method as ffnNeurons } from './pruning/ffn-neurons/index.ts';
import { method as gradual } from './pruning/gradual/index.ts';
import { method as greedyBlocks } from './pruning/greedy-blocks/index.ts';
import { method as hiddenWidth } from './pruning/hidden-width/index.ts';
import { method as magnitude } from './pruning/magnitude/index.ts';
import { method as movement } from './pruning/movement/index.ts';
import { method as sparsegpt } from './pruning/sparsegpt/index.ts';
import { method as twoStage } from './pruning/two-stage/index.ts';
import { method as unevenWidths } from './pruning/uneven-widths/index.ts';
import { method as vocabulary } from './pruning/vocabulary/index.ts';
import { method as wanda } from './pruning/wanda/index.ts';
import { method as anyPrecision } from './quantization/any-precision/index.ts';
import { method as awq } from './quantization/awq/index.ts';
import { method as binaryCoded } from './quantization/binary-coded/index.ts';
import { method as codebook } from './quantization/codebook/index.ts';
import { method as dequantize } from './quantization/dequantize/index.ts';
import { method as dynamicInt8 } from './quantization/dynamic-int8/index.ts';
import { method as float16 } from './quantization/float16/index.ts';
import { method as gptq } from './quantization/gptq/index.ts';
import { method as hqq } from './quantization/hqq/index.ts';
import { method as kvCache } from './quantization/kv-cache/index.ts';
import { method as learnedRounding } from './quantization/learned-rounding/index.ts';
import { method as lowBitFloat } from './quantization/low-bit-float/index.ts';
import { method as lowRankResidual } from './quantization/low-rank-residual/index.ts';
import { method as mixedPrecision } from './quantization/mixed-precision/index.ts';
import { method as oscar } from './quantization/oscar/index.ts';
import { method as outlierSplit } from './quantization/outlier-split/index.ts';
import { method as powerOfTwo } from './quantization/power-of-two/index.ts';
import { method as qat } from './quantization/qat/index.ts';
import { method as qronos } from './quantization/qronos/index.ts';
import { method as rotation } from './quantization/rotation/index.ts';
import { method as roundToNearest } from './quantization/round-to-nearest/index.ts';
import { method as scaleTuning } from './quantization/scale-tuning/index.ts';
import { method as smoothquant } from './quantization/smoothquant/index.ts';
import { method as sparseOutliers } from './quantization/sparse-outliers/index.ts';
import { method as staticInt8 } from './quantization/static-int8/index.ts';
import { method as ternary } from './quantization/ternary/index.ts';
import { method as deduplicate } from './sharing/deduplicate/index.ts';
import { method as factorEmbedding } from './sharing/factor-embedding/index.ts';
import { method as mhaToGqa } from './sharing/mha-to-gqa/index.ts';
import { method as shareBasis } from './sharing/share-basis/index.ts';
import { method as shareBlocks } from './sharing/share-blocks/index.ts';
import { method as shareKv } from './sharing/share-kv/index.ts';
import { method as tieEmbedding } from './sharing/tie-embedding/index.ts';
import { method as fineTune } from './tuning/fine-tune/index.ts';
import { method as heal } from './tuning/heal/index.ts';
import { method as lora } from './tuning/lora/index.ts';

// prettier-ignore
export const METHODS: readonly Method[] = [
  distill,
  activationSvd,
  asvd,
  fisherSvd,
  kronecker,
  lowRankPlusQuantized,
  svd,
  alps,
  attentionHeads,
  blocks,
  dsnot,
  ffnNeurons,
  gradual,
  greedyBlocks,
  hiddenWidth,
  magnitude,
  movement,
  sparsegpt,
  twoStage,
  unevenWidths,
  vocabulary,
  wanda,
  anyPrecision,
  awq,
  binaryCoded,
  codebook,
  dequantize,
  dynamicInt8,
  float16,
  gptq,
  hqq,
  kvCache,
  learnedRounding,
  lowBitFloat,
  lowRankResidual,
  mixedPrecision,
  oscar,
  outlierSplit,
  powerOfTwo,
  qat,
  qronos,
  rotation,
  roundToNearest,
  scaleTuning,
  smoothquant,
  sparseOutliers,
  staticInt8,
  ternary,
  deduplicate,
  factorEmbedding,
  mhaToGqa,
  shareBasis,
  shareBlocks,
  shareKv,
  tieEmbedding,
  fineTune,
  heal,
  lora,
];
