// Made by tools/generate-registry.ts from the method folders; do not edit.
import type { Method } from './contract.ts';
import { method as distill } from './distillation/distill/index.ts';
import { method as hiddenWidth } from './pruning/hidden-width/index.ts';
import { method as magnitude } from './pruning/magnitude/index.ts';
import { method as vocabulary } from './pruning/vocabulary/index.ts';
import { method as wanda } from './pruning/wanda/index.ts';
import { method as dequantize } from './quantization/dequantize/index.ts';
import { method as float16 } from './quantization/float16/index.ts';
import { method as gptq } from './quantization/gptq/index.ts';
import { method as hqq } from './quantization/hqq/index.ts';
import { method as powerOfTwo } from './quantization/power-of-two/index.ts';
import { method as roundToNearest } from './quantization/round-to-nearest/index.ts';
import { method as deduplicate } from './sharing/deduplicate/index.ts';
import { method as fineTune } from './tuning/fine-tune/index.ts';
import { method as lora } from './tuning/lora/index.ts';

// prettier-ignore
export const METHODS: readonly Method[] = [
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
