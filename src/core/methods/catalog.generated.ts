// Made by tools/generate-registry.ts from the method folders; do not edit.
import type { MethodMeta } from './contract.ts';
import { meta as distill } from './distillation/distill/meta.ts';
import { meta as hiddenWidth } from './pruning/hidden-width/meta.ts';
import { meta as magnitude } from './pruning/magnitude/meta.ts';
import { meta as vocabulary } from './pruning/vocabulary/meta.ts';
import { meta as wanda } from './pruning/wanda/meta.ts';
import { meta as dequantize } from './quantization/dequantize/meta.ts';
import { meta as float16 } from './quantization/float16/meta.ts';
import { meta as gptq } from './quantization/gptq/meta.ts';
import { meta as hqq } from './quantization/hqq/meta.ts';
import { meta as powerOfTwo } from './quantization/power-of-two/meta.ts';
import { meta as roundToNearest } from './quantization/round-to-nearest/meta.ts';
import { meta as deduplicate } from './sharing/deduplicate/meta.ts';
import { meta as fineTune } from './tuning/fine-tune/meta.ts';
import { meta as lora } from './tuning/lora/meta.ts';

// prettier-ignore
export const METAS: readonly MethodMeta[] = [
  distill,
  hiddenWidth,
  magnitude,
  vocabulary,
  wanda,
  dequantize,
  float16,
  gptq,
  hqq,
  powerOfTwo,
  roundToNearest,
  deduplicate,
  fineTune,
  lora,
];
