// Made by tools/generate-registry.ts from the method folders; do not edit.
import type { MethodMeta } from './contract.ts';
import { meta as distill } from './distillation/distill/meta.ts';
import { meta as activationSvd } from './low-rank/activation-svd/meta.ts';
import { meta as asvd } from './low-rank/asvd/meta.ts';
import { meta as fisherSvd } from './low-rank/fisher-svd/meta.ts';
import { meta as kronecker } from './low-rank/kronecker/meta.ts';
import { meta as lowRankPlusQuantized } from './low-rank/low-rank-plus-quantized/meta.ts';
import { meta as svd } from './low-rank/svd/meta.ts';
import { meta as alps } from './pruning/alps/meta.ts';
import { meta as attentionHeads } from './pruning/attention-heads/meta.ts';
import { meta as blocks } from './pruning/blocks/meta.ts';
import { meta as dsnot } from './pruning/dsnot/meta.ts';
import { meta as ffnNeurons } from './pruning/ffn-neurons/meta.ts';
import { meta as gradual } from './pruning/gradual/meta.ts';
import { meta as greedyBlocks } from './pruning/greedy-blocks/meta.ts';
import { meta as hiddenWidth } from './pruning/hidden-width/meta.ts';
import { meta as magnitude } from './pruning/magnitude/meta.ts';
import { meta as movement } from './pruning/movement/meta.ts';
import { meta as sparsegpt } from './pruning/sparsegpt/meta.ts';
import { meta as twoStage } from './pruning/two-stage/meta.ts';
import { meta as unevenWidths } from './pruning/uneven-widths/meta.ts';
import { meta as vocabulary } from './pruning/vocabulary/meta.ts';
import { meta as wanda } from './pruning/wanda/meta.ts';
import { meta as anyPrecision } from './quantization/any-precision/meta.ts';
import { meta as awq } from './quantization/awq/meta.ts';
import { meta as binaryCoded } from './quantization/binary-coded/meta.ts';
import { meta as codebook } from './quantization/codebook/meta.ts';
import { meta as dequantize } from './quantization/dequantize/meta.ts';
import { meta as dynamicInt8 } from './quantization/dynamic-int8/meta.ts';
import { meta as float16 } from './quantization/float16/meta.ts';
import { meta as gptq } from './quantization/gptq/meta.ts';
import { meta as hqq } from './quantization/hqq/meta.ts';
import { meta as kvCache } from './quantization/kv-cache/meta.ts';
import { meta as learnedRounding } from './quantization/learned-rounding/meta.ts';
import { meta as lowBitFloat } from './quantization/low-bit-float/meta.ts';
import { meta as lowRankResidual } from './quantization/low-rank-residual/meta.ts';
import { meta as mixedPrecision } from './quantization/mixed-precision/meta.ts';
import { meta as oscar } from './quantization/oscar/meta.ts';
import { meta as outlierSplit } from './quantization/outlier-split/meta.ts';
import { meta as powerOfTwo } from './quantization/power-of-two/meta.ts';
import { meta as qat } from './quantization/qat/meta.ts';
import { meta as qronos } from './quantization/qronos/meta.ts';
import { meta as rotation } from './quantization/rotation/meta.ts';
import { meta as roundToNearest } from './quantization/round-to-nearest/meta.ts';
import { meta as scaleTuning } from './quantization/scale-tuning/meta.ts';
import { meta as smoothquant } from './quantization/smoothquant/meta.ts';
import { meta as sparseOutliers } from './quantization/sparse-outliers/meta.ts';
import { meta as staticInt8 } from './quantization/static-int8/meta.ts';
import { meta as ternary } from './quantization/ternary/meta.ts';
import { meta as deduplicate } from './sharing/deduplicate/meta.ts';
import { meta as factorEmbedding } from './sharing/factor-embedding/meta.ts';
import { meta as mhaToGqa } from './sharing/mha-to-gqa/meta.ts';
import { meta as shareBasis } from './sharing/share-basis/meta.ts';
import { meta as shareBlocks } from './sharing/share-blocks/meta.ts';
import { meta as shareKv } from './sharing/share-kv/meta.ts';
import { meta as tieEmbedding } from './sharing/tie-embedding/meta.ts';
import { meta as fineTune } from './tuning/fine-tune/meta.ts';
import { meta as heal } from './tuning/heal/meta.ts';
import { meta as lora } from './tuning/lora/meta.ts';

// prettier-ignore
export const METAS: readonly MethodMeta[] = [
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
