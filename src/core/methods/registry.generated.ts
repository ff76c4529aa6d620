// Made by tools/generate-registry.ts from the method folders; do not edit.
import type { Method } from './contract.ts';
import { method as method0 } from './distillation/distill/index.ts';
import { method as method1 } from './pruning/magnitude/index.ts';
import { method as method2 } from './pruning/wanda/index.ts';
import { method as method3 } from './quantization/float16/index.ts';
import { method as method4 } from './quantization/gptq/index.ts';
import { method as method5 } from './quantization/round-to-nearest/index.ts';
import { method as method6 } from './sharing/deduplicate/index.ts';
import { method as method7 } from './tuning/fine-tune/index.ts';
import { method as method8 } from './tuning/lora/index.ts';

export const METHODS: readonly Method[] = [
  method0,
  method1,
  method2,
  method3,
  method4,
  method5,
  method6,
  method7,
  method8,
];
