// Made by tools/generate-registry.ts from the method folders; do not edit.
import type { Method } from './contract.ts';
import { method as method0 } from './quantization/round-to-nearest/index.ts';

export const METHODS: readonly Method[] = [method0];
