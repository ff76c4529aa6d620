import { describe, expect, it } from 'vitest';
import { recipeLine } from './describe.ts';
import { exportFileName } from './file-name.ts';
import { PRESETS } from './presets.ts';
import { parseRecipe } from './schema.ts';

const step = (method: string, options: object = {}, more: object = {}) => ({
  method,
  options,
  ...more,
});
const OFF = { disabled: true };

/** Trials and files that people have keep the names they had: these strings are part of the format. */
const NAMES: readonly (readonly [steps: readonly object[], line: string, file: string])[] = [
  [[step('round-to-nearest')], 'round-to-nearest 4 bits 32', 'model_q4.onnx'],
  [
    [step('round-to-nearest', { bits: 8, blockSize: 'channel' }, { target: 'embedding' })],
    'round-to-nearest 8 bits channel, embedding',
    'model_quantized.onnx',
  ],
  [
    [
      step(
        'round-to-nearest',
        { bits: 3, blockSize: 'tensor', symmetric: false, clip: 'mse', scales: 'float16' },
        { target: { tensors: ['w'] } },
      ),
    ],
    'round-to-nearest 3 bits tensor, tensors',
    'model_q3.onnx',
  ],
  [[step('gptq')], 'gptq 4 bits 32', 'model_q4.onnx'],
  [
    [
      step(
        'gptq',
        { bits: 2, blockSize: 16, staticGroups: true, order: 'activation' },
        { target: { blocks: [0, 1] } },
      ),
    ],
    'gptq 2 bits 16, blocks',
    'model_q2.onnx',
  ],
  [[step('float16')], 'float16', 'model_fp16.onnx'],
  [
    [
      step('deduplicate'),
      step('gptq', { bits: 8, blockSize: 128 }, { target: { role: 'attention', blocks: [0] } }),
    ],
    'deduplicate → gptq 8 bits 128, attention',
    'model_quantized.onnx',
  ],
  [[step('magnitude')], 'magnitude 50 %', 'model_lathe.onnx'],
  [
    [
      step(
        'magnitude',
        { sparsity: 0.333, scope: 'global' },
        { target: { all: true, except: ['embedding'] } },
      ),
    ],
    'magnitude 33 %',
    'model_lathe.onnx',
  ],
  [[step('magnitude', { pattern: '2:4' })], 'magnitude 2:4', 'model_lathe.onnx'],
  [
    [step('wanda', { sparsity: 0.6 }, { target: 'feed-forward' })],
    'wanda 60 %, feed-forward',
    'model_lathe.onnx',
  ],
  [[step('wanda', { pattern: '3:7' })], 'wanda 3:7', 'model_lathe.onnx'],
  [[step('fine-tune', { steps: 7 })], 'fine-tune', 'model_lathe.onnx'],
  [
    [step('lora', { rank: 4, result: 'adapter' }, { target: 'attention' })],
    'lora, attention',
    'model_lathe.onnx',
  ],
  [
    [step('distill', { student: 'shallow', keep: 'custom', blocks: '0, 2' })],
    'distill',
    'model_lathe.onnx',
  ],
  [
    [step('wanda'), step('round-to-nearest'), step('float16')],
    'wanda 50 % → round-to-nearest 4 bits 32 → float16',
    'model_q4f16.onnx',
  ],
  [
    [step('round-to-nearest', { bits: 8 }), step('float16')],
    'round-to-nearest 8 bits 32 → float16',
    'model_quantized.onnx',
  ],
  [
    [
      step('gptq', { bits: 3 }),
      step('round-to-nearest', { bits: 8 }, { target: 'embedding' }),
      step('float16', {}, OFF),
    ],
    'gptq 3 bits 32 → round-to-nearest 8 bits 32, embedding',
    'model_q3.onnx',
  ],
  [
    [step('round-to-nearest', { bits: 2 }, OFF), step('magnitude', { sparsity: 0.5 })],
    'magnitude 50 %',
    'model_lathe.onnx',
  ],
  [[step('gptq', { bits: 2 }, OFF)], '', 'model_lathe.onnx'],
];

const PRESET_NAMES: Readonly<Record<string, readonly [line: string, file: string]>> = {
  fp16: ['float16', 'model_fp16.onnx'],
  q8: ['round-to-nearest 8 bits channel', 'model_quantized.onnx'],
  // The same steps as q8, whose file name they get.
  int8: ['round-to-nearest 8 bits channel', 'model_quantized.onnx'],
  uint8: ['round-to-nearest 8 bits channel', 'model_uint8.onnx'],
  q4: ['round-to-nearest 4 bits 32', 'model_q4.onnx'],
  q4f16: ['round-to-nearest 4 bits 32 → float16', 'model_q4f16.onnx'],
  q2: ['round-to-nearest 2 bits 16', 'model_q2.onnx'],
  q2f16: ['round-to-nearest 2 bits 16 → float16', 'model_q2f16.onnx'],
  q1: ['ternary optimal 64', 'model_q1.onnx'],
  q1f16: ['ternary optimal 64 → float16', 'model_q1f16.onnx'],
  'small-and-safe': ['deduplicate → round-to-nearest 8 bits channel', 'model_int8.onnx'],
  tiny: ['deduplicate → gptq 4 bits 32 → round-to-nearest 8 bits channel', 'model_q4.onnx'],
};

describe('the names that a recipe gives to its trial and its file', () => {
  it.each(NAMES)('%j', (steps, line, file) => {
    const recipe = parseRecipe({ version: 1, steps });
    expect([recipeLine(recipe), exportFileName(recipe)]).toEqual([line, file]);
  });

  it.each(Object.entries(PRESET_NAMES))('preset %s', (name, names) => {
    const preset = PRESETS.find((candidate) => candidate.name === name);
    if (preset === undefined) throw new Error(`there is no preset ${name}`);
    expect([recipeLine(preset.recipe), exportFileName(preset.recipe)]).toEqual(names);
  });
});
